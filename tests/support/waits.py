"""Finds what makes the processor wait for a GPU in a training step, on a machine that
has none.
"""

import sys
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from benchmark.training.encoders import networks
from benchmark.training.trainer import TrialTrainer

ROOT = Path(__file__).resolve().parents[2]
OWN_CODE = tuple(f"{ROOT.as_posix()}/{room}/" for room in ("benchmark", "methods", "tests"))
READ = {"item", "tolist", "numpy", "cpu", "__bool__", "__float__", "__int__", "__index__", "__array__", "__contains__"}
"""Names of a tensor's methods that bring its values to the processor."""

SIZED_BY_VALUES = {"aten::_local_scalar_dense", "aten::nonzero", "aten::masked_select", "aten::unique"}
"""Operations that read a number, or whose result is as large as values say."""

BROUGHT = {"tensor", "as_tensor", "new_tensor"}
"""Ways to bring values to a device that wait for the copy."""


def caller():
    """The file, but for this one, of the call that is watched."""
    frame = sys._getframe(1)
    while frame.f_code.co_filename == __file__:
        frame = frame.f_back
    return frame


def place():
    """The innermost file of this project that is being run; nothing inside of an
    optimiser of torch, which counts its steps on the processor.
    """
    frame = caller()
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if "torch/optim/" in path.as_posix():
            return None
        if path.is_relative_to(ROOT) and path.relative_to(ROOT).parts[0] in ("benchmark", "methods"):
            return path.relative_to(ROOT).as_posix()
        frame = frame.f_back
    return None


class _Calls(TorchFunctionMode):
    """Sees what this project's own code asks tensors for."""

    def __init__(self, found, operations):
        super().__init__()
        self.found, self.operations = found, operations

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        name = getattr(function, "__name__", "")
        moved = name == "to" and any(isinstance(value, torch.device) for value in (*args, *kwargs.values()))
        waits = name in READ or (moved and not kwargs.get("non_blocking")) or (name in BROUGHT and "device" in kwargs)
        if waits and Path(caller().f_code.co_filename).as_posix().startswith(OWN_CODE):
            self.found[place(), name] += 1
        # On a CPU alone it looks whether the classes that it is told are enough.
        if function is torch.nn.functional.one_hot and len(args) + len(kwargs) > 1:
            with self.operations.paused():
                return function(*args, **kwargs)
        return function(*args, **kwargs)


class _Operations(TorchDispatchMode):
    """Sees what torch computes."""

    def __init__(self, found):
        super().__init__()
        self.found, self.counts = found, True

    @contextmanager
    def paused(self):
        self.counts = False
        try:
            yield
        finally:
            self.counts = True

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        name = operation._schema.name
        masked = name in ("aten::index", "aten::index_put_", "aten::index_put") and any(
            index is not None and index.dtype in (torch.bool, torch.uint8) for index in args[1]
        )
        if (name in SIZED_BY_VALUES or masked) and self.counts and (where := place()):
            self.found[where, "boolean index" if masked else name] += 1
        return operation(*args, **(kwargs or {}))


@contextmanager
def waits_of_steps(monkeypatch):
    """Count, by file and name, what waits in the training steps inside the block."""
    found = Counter()
    phase = TrialTrainer.phase

    @contextmanager
    def watched(self, name):
        with phase(self, name):
            if name != "train":
                yield
                return
            operations = _Operations(found)
            with operations, _Calls(found, operations):
                yield

    monkeypatch.setattr(networks, "has_ready_masks", lambda device: True)
    monkeypatch.setattr(TrialTrainer, "phase", watched)
    yield found
