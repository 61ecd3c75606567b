import pytest
import torch

from benchmark.training.random_streams import TorchStream

CPU = torch.device("cpu")


def test_global_stream_is_untouched_by_making_and_drawing():
    before = torch.get_rng_state()
    stream = TorchStream(7, CPU)
    with stream():
        torch.rand(5)
    assert torch.equal(before, torch.get_rng_state())


def test_global_stream_is_put_back_after_an_error():
    before = torch.get_rng_state()
    with pytest.raises(ValueError, match="inside"), TorchStream(7, CPU)():
        torch.rand(5)
        raise ValueError("inside")
    assert torch.equal(before, torch.get_rng_state())


def test_stream_goes_on_where_it_stopped_whatever_is_drawn_in_between():
    whole = TorchStream(7, CPU)
    with whole():
        expected = torch.rand(6)
    parted = TorchStream(7, CPU)
    with parted():
        first = torch.rand(3)
    torch.rand(100)
    other = TorchStream(8, CPU)
    with other():
        torch.rand(10)
    with parted():
        second = torch.rand(3)
    assert torch.equal(torch.cat([first, second]), expected)


def test_streams_of_two_seeds_differ():
    drawn = []
    for seed in (1, 2, 1):
        with TorchStream(seed, CPU)():
            drawn.append(torch.rand(4))
    assert torch.equal(drawn[0], drawn[2])
    assert not torch.equal(drawn[0], drawn[1])
