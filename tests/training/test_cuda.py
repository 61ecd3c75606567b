"""How torch is set up for a trial, and that a GPU gives the same bits twice."""

import os
import warnings

import numpy as np
import pytest
import torch

from benchmark.training.cuda import WORKSPACE, compute_deterministically, on_device, strict
from benchmark.training.descent import Descent
from benchmark.training.encoders.names import encoder_from
from benchmark.training.gpu.graphs import StepGraphs
from benchmark.training.inputs import TokenInputs
from benchmark.training.recipes import FROM_SCRATCH, Recipe
from benchmark.training.trainer import TrialTrainer

NEEDS_GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA device")
CPU = torch.device("cpu")
TEXTS = 32
QUICK_AND_COARSE = [
    (torch.backends.cudnn, "benchmark"),
    (torch.backends.cudnn, "allow_tf32"),
    (torch.backends.cuda.matmul, "allow_tf32"),
]
"""What makes a GPU quicker, with other bits each time or with fewer of them."""


@pytest.fixture(autouse=True)
def _as_before(monkeypatch):
    """Torch's modes and the environment are put back."""
    monkeypatch.delenv(WORKSPACE, raising=False)
    deterministic = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    fills, attention = torch.utils.deterministic.fill_uninitialized_memory, torch.backends.cuda.cudnn_sdp_enabled()
    before = [(part, name, getattr(part, name)) for part, name in QUICK_AND_COARSE]
    with warnings.catch_warnings():
        yield
    torch.use_deterministic_algorithms(deterministic[0], warn_only=deterministic[1])
    torch.utils.deterministic.fill_uninitialized_memory = fills
    torch.backends.cuda.enable_cudnn_sdp(attention)
    for part, name, value in before:
        setattr(part, name, value)
    os.environ.pop(WORKSPACE, None)


def test_uninitialised_memory_is_not_filled():
    compute_deterministically()
    assert torch.utils.deterministic.fill_uninitialized_memory is False


def test_attention_of_cudnn_is_off():
    compute_deterministically()
    assert torch.backends.cuda.cudnn_sdp_enabled() is False


@pytest.mark.parametrize(("part", "name"), QUICK_AND_COARSE, ids=["benchmark", "cudnn tf32", "matmul tf32"])
def test_what_changes_or_rounds_bits_on_a_gpu_is_off(part, name):
    setattr(part, name, True)
    compute_deterministically()
    assert getattr(part, name) is False


def test_operations_are_deterministic_where_they_can_be():
    torch.use_deterministic_algorithms(False)
    compute_deterministically()
    assert torch.are_deterministic_algorithms_enabled()
    assert torch.is_deterministic_algorithms_warn_only_enabled()


def test_products_have_a_workspace_of_fixed_size():
    compute_deterministically()
    assert os.environ[WORKSPACE] == ":4096:8"


def test_a_workspace_that_the_user_chose_stays(monkeypatch):
    monkeypatch.setenv(WORKSPACE, ":16:8")
    compute_deterministically()
    assert os.environ[WORKSPACE] == ":16:8"


@pytest.mark.parametrize(
    "text",
    [
        "cumsum_cuda_kernel does not have a deterministic implementation, but you set it",
        "Memory Efficient attention defaults to a non-deterministic algorithm.",
        "this operation is not deterministic because it uses CuBLAS",
        "The AccumulateGrad node's stream does not match the stream of the node that produced the gradient.",
    ],
)
def test_warnings_about_how_torch_computes_stay_away_from_the_terminal(text):
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("always")
        compute_deterministically()
        warnings.warn(text, UserWarning, stacklevel=1)
    assert shown == []


def test_other_warnings_pass():
    warnings.simplefilter("error")
    compute_deterministically()
    with pytest.raises(UserWarning):
        warnings.warn("the disk is full", UserWarning, stacklevel=1)


def test_a_backward_pass_on_a_gpu_is_strictly_deterministic():
    compute_deterministically()
    with strict(torch.device("cuda")):
        assert torch.is_deterministic_algorithms_warn_only_enabled() is False
    assert torch.is_deterministic_algorithms_warn_only_enabled() is True


def test_the_mode_is_put_back_after_an_error():
    compute_deterministically()
    with pytest.raises(RuntimeError), strict(torch.device("cuda")):
        raise RuntimeError
    assert torch.is_deterministic_algorithms_warn_only_enabled() is True


def test_a_backward_pass_on_a_cpu_is_as_it_was():
    compute_deterministically()
    with strict(CPU):
        assert torch.is_deterministic_algorithms_warn_only_enabled() is True


def test_a_step_goes_back_strictly_on_a_gpu():
    modes = []
    weight = torch.nn.Parameter(torch.ones(2, 2))
    network = torch.nn.Module()
    network.register_parameter("weight", weight)
    weight.register_hook(lambda gradient: modes.append(torch.is_deterministic_algorithms_warn_only_enabled()))
    compute_deterministically()
    descent = Descent([network], FROM_SCRATCH, torch.device("cuda"))
    descent.step(weight.sum(), 0.1, StepGraphs())
    assert modes == [False]


def test_an_array_for_a_gpu_is_pinned_and_not_waited_for(monkeypatch):
    calls = []
    monkeypatch.setattr(torch.Tensor, "pin_memory", lambda self: calls.append("pinned") or self)
    monkeypatch.setattr(torch.Tensor, "to", lambda self, *given, **named: calls.append(named) or self)
    on_device(np.arange(4), torch.device("cuda"))
    assert calls == ["pinned", {"non_blocking": True}]


def test_an_array_is_not_copied_for_a_cpu():
    array = np.arange(4)
    assert on_device(array, CPU).data_ptr() == array.ctypes.data


def trained(device, precision):
    """Weights after a short training of the tiny transformer on texts of two widths."""
    lengths = np.arange(TEXTS) % 2 * 4 + 5
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    tokens = (np.arange(starts[-1]) % 97 + 2).astype(np.int32)
    recipe = FROM_SCRATCH.varied(8, precision).as_config() | {"epochs": 2}
    compute_deterministically()
    trainer = TrialTrainer(
        encoder=encoder_from("scratch:tiny"),
        recipe=Recipe(**recipe),
        num_classes=3,
        inputs={"train": TokenInputs(tokens, starts, 0, np.arange(TEXTS))},
        noisy_labels=np.arange(TEXTS) % 3,
        shared_seed=("test", 0),
        own_seed=("test", 0, "plain"),
        device=device,
    )
    networks = trainer.networks(2)
    list(trainer.train(networks, lambda batch: batch.losses.mean()))
    return [value.cpu() for network in networks for value in network.state_dict().values()]


PRECISIONS = pytest.mark.parametrize("precision", ["float32", "bfloat16"])


@PRECISIONS
@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=NEEDS_GPU)])
def test_a_training_run_twice_has_the_same_bits(device, precision):
    first, second = trained(device, precision), trained(device, precision)
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


@NEEDS_GPU
def test_a_batch_for_a_gpu_arrives_whole():
    array = np.random.default_rng(0).normal(size=(64, 512))
    assert torch.equal(on_device(array, torch.device("cuda")).cpu(), torch.from_numpy(array))
