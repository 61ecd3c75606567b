"""Methods and noises from files outside the tree."""

from __future__ import annotations

import hashlib
import importlib.metadata
import sys
import types
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from benchmark.contracts import BenchmarkError

ENTRY_POINTS = "noisy_label_benchmark.plugins"
MODULE_PREFIX = "benchmark_plugin_"


class Plugin(BaseModel):
    """The source of a plugin file, as it travels to every worker."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    source: str

    @property
    def digest(self) -> str:
        """A hash of the source; part of the id of every trial of its methods."""
        return hashlib.sha256(self.source.encode()).hexdigest()[:16]

    @property
    def module(self) -> str:
        """The name under which the module is loaded."""
        return f"{MODULE_PREFIX}{self.name}_{self.digest}"


def read_plugin(path: Path) -> Plugin:
    """The plugin in a Python file; a missing file is an error that names it."""
    try:
        return Plugin(name=path.stem, source=path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BenchmarkError(
            f"Plugin '{path}' cannot be read: {error.strerror}. Give the path of a .py file."
        ) from None


def load_plugin(plugin: Plugin) -> None:
    """Run the plugin's source once in this process, so that its classes are registered."""
    if plugin.module in sys.modules:
        return
    module = types.ModuleType(plugin.module)
    module.__file__ = f"{plugin.name}.py"
    sys.modules[plugin.module] = module
    try:
        exec(compile(plugin.source, module.__file__, "exec"), module.__dict__)
    except Exception as error:
        del sys.modules[plugin.module]
        if isinstance(error, BenchmarkError):
            raise
        line = getattr(error, "lineno", None)
        where = f" (line {line})" if line else ""
        raise BenchmarkError(
            f"Plugin '{plugin.name}.py' failed while loading{where}: {type(error).__name__}: {error}"
        ) from None


def load_entry_points() -> None:
    """Import the modules that installed packages announce under the entry point group."""
    for entry in importlib.metadata.entry_points(group=ENTRY_POINTS):
        entry.load()


def source_digest(cls: type) -> str | None:
    """The hash of the plugin that a class comes from; None for a class of this project."""
    return cls.__module__.rsplit("_", 1)[1] if cls.__module__.startswith(MODULE_PREFIX) else None
