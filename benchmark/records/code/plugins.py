"""Methods and noises from files outside the tree."""

from __future__ import annotations

import importlib.metadata
import linecache
import sys
import traceback
import types
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from benchmark.contracts import BenchmarkError
from benchmark.contracts.hashes import sha256_hex

ENTRY_POINTS = "noisy_label_benchmark.plugins"
MODULE_PREFIX = "benchmark_plugin_"


class Plugin(BaseModel):
    """The source of a plugin file, as it travels to every worker."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    source: str
    path: str = ""

    @property
    def digest(self) -> str:
        """A hash of the source; part of the id of every trial of its methods."""
        return sha256_hex(self.source, digits=16)

    @property
    def module(self) -> str:
        """The name under which the module is loaded."""
        return f"{MODULE_PREFIX}{self.name}_{self.digest}"


def read_plugin(path: Path) -> Plugin:
    """The plugin in a Python file.

    One that cannot be read is an error that names it.
    """
    if path.exists() and not path.is_file():
        raise BenchmarkError(f"Plugin '{path}' cannot be read: it is no file. Give the path of a .py file.")
    try:
        return Plugin(name=path.stem, source=path.read_text(encoding="utf-8"), path=str(path.resolve()))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise BenchmarkError(f"Plugin '{path}' cannot be read: {why}. Give the path of a .py file.") from None


def load_plugins(plugins: Sequence[Plugin] = ()) -> None:
    """Register the methods and noises of installed packages and of plugin files.

    A process does this before it looks up the first name: the driver when a run starts,
    a worker with its first task, and the commands that only describe.
    """
    load_entry_points()
    for plugin in plugins:
        load_plugin(plugin)


def load_plugin(plugin: Plugin) -> None:
    """Run the plugin's source once in this process, so that its classes are
    registered.
    """
    if plugin.module in sys.modules:
        return
    module = types.ModuleType(plugin.module)
    module.__file__ = plugin.path or f"{plugin.name}.py"
    # On a worker's machine the file itself may not exist; its source serves error messages there.
    linecache.cache[module.__file__] = (len(plugin.source), None, plugin.source.splitlines(True), module.__file__)
    sys.modules[plugin.module] = module
    try:
        exec(compile(plugin.source, module.__file__, "exec"), module.__dict__)
    except (Exception, SystemExit) as error:
        del sys.modules[plugin.module]
        if isinstance(error, BenchmarkError):
            raise
        line = _line_of(error, module.__file__)
        where = f" in line {line}" if line else ""
        what = error.msg if isinstance(error, SyntaxError) else str(error)
        raise BenchmarkError(
            f"Plugin '{plugin.name}.py' failed while loading{where}: {type(error).__name__}: {what}. "
            "Mend the file, or leave out --plugin."
        ) from None


def fault_of_plugin(error: BaseException) -> str | None:
    """What is to be said of an exception that the code of a loaded plugin raised or led
    to; None for any other exception.
    """
    files = {
        module.__file__
        for name, module in sys.modules.items()
        if name.startswith(MODULE_PREFIX) and getattr(module, "__file__", None)
    }
    for step in reversed(traceback.extract_tb(error.__traceback__)):
        if step.filename in files:
            return (
                f"Plugin '{Path(step.filename).name}' failed in line {step.lineno} ({step.name}): "
                f"{type(error).__name__}: {error}. Mend the file, or leave out --plugin."
            )
    return None


def _line_of(error: BaseException, file: str) -> int | None:
    if isinstance(error, SyntaxError):
        return error.lineno
    steps = [step for step in traceback.extract_tb(error.__traceback__) if step.filename == file]
    return steps[-1].lineno if steps else None


def load_entry_points() -> None:
    """Import the modules that installed packages announce under the entry point
    group.
    """
    for entry in importlib.metadata.entry_points(group=ENTRY_POINTS):
        try:
            entry.load()
        except BenchmarkError:
            raise
        except Exception as error:
            raise BenchmarkError(
                f"The installed plugin '{entry.name}' ({entry.value}) failed while loading: "
                f"{type(error).__name__}: {error}. Mend or uninstall it."
            ) from None


def source_digest(cls: type) -> str | None:
    """The hash of the plugin that a class comes from; None for a class of this
    project.
    """
    return cls.__module__.rsplit("_", 1)[1] if cls.__module__.startswith(MODULE_PREFIX) else None
