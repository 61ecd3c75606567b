"""How torch computes in a trial, on a GPU above all: the same bits every time, with
little waiting.
"""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy.typing as npt
import torch
from torch import Tensor

WORKSPACE = "CUBLAS_WORKSPACE_CONFIG"
ABOUT_DETERMINISM = ".*(deterministic implementation|[Nn]on-?deterministic|not deterministic).*"
ABOUT_STREAMS = "The AccumulateGrad node's stream does not match.*"

UNDISTURBED = threading.Lock()
"""Held while a graph is captured, and by a thread while it calls CUDA: a call of
another thread would spoil the capture.
"""


def compute_deterministically() -> None:
    """Set torch up for results that are the same bits whenever a trial is run.

    An operation without such an implementation is let pass without a warning, so that a
    method may use it.
    """
    # Products have the same bits only with a workspace of fixed size, which is read at the first product.
    os.environ.setdefault(WORKSPACE, ":4096:8")
    torch.use_deterministic_algorithms(True, warn_only=True)
    warnings.filterwarnings("ignore", message=ABOUT_DETERMINISM, category=UserWarning)
    # Captured passes are made on a stream of their own, which torch finds worth a word in each process.
    warnings.filterwarnings("ignore", message=ABOUT_STREAMS, category=UserWarning)
    # Nothing here reads memory before it is written, and filling it costs a launch for each new tensor.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False
    # cuDNN's attention makes a plan for every shape, and its backward pass changes its bits.
    torch.backends.cuda.enable_cudnn_sdp(False)


@contextmanager
def strict(device: torch.device) -> Iterator[None]:
    """Have only deterministic operations on a GPU inside the block.

    The backward pass of attention has the same bits every time in this mode alone. An
    operation that cannot have them raises a RuntimeError.
    """
    if device.type != "cuda":
        yield
        return
    torch.use_deterministic_algorithms(True, warn_only=False)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(True, warn_only=True)


def on_device(array: npt.NDArray[Any], device: torch.device) -> Tensor:
    """Give an array as a tensor on a device, without waiting for the copy to a GPU.

    Only pinned memory is copied while the processor goes on. Torch keeps it until the
    copy has ended.
    """
    tensor = torch.from_numpy(array)
    if device.type == "cpu":
        return tensor
    return tensor.pin_memory().to(device, non_blocking=True)
