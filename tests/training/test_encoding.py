"""Features of many texts are made on all cores, and their number decides no bit."""

import threading

import numpy as np
import pytest
import torch

from benchmark.training.encoders import encoding, networks
from benchmark.training.encoders.cores import on_cores
from benchmark.training.encoders.names import Encoder, encoder_from
from benchmark.training.threads import torch_threads

WIDTH = 16
TEXTS = [" ".join(str(word) for word in range(row % 2, WIDTH - 1)) for row in range(520)]
"""Two batches that go to all cores, and a last one of a few texts."""


@pytest.fixture
def passes(monkeypatch, tmp_path):
    """A small transformer for a pretrained one; gives the thread and torch's threads of
    each pass.
    """
    seen = []
    scratch = encoder_from("scratch:tiny")

    def transformer(folder):
        torch.manual_seed(0)
        made = networks.scratch_transformer(0.5)
        made.register_forward_pre_hook(lambda *given: seen.append((threading.get_ident(), torch.get_num_threads())))
        return made

    original = encoding.tokenise
    monkeypatch.setattr(networks, "load_transformer", transformer)
    monkeypatch.setattr(Encoder, "folder", lambda self: tmp_path)
    monkeypatch.setattr(encoding, "tokenise", lambda encoder, texts, tokens: original(scratch, texts, tokens))
    return seen


def made(cores=None, **given):
    with torch_threads(2):
        return encoding.pooled_features(encoder_from("frozen:minilm"), TEXTS, WIDTH, cores=cores, **given)


def test_the_number_of_cores_decides_no_bit(passes):
    np.testing.assert_array_equal(made(1), made(3), strict=True)


def test_features_have_the_bits_of_one_pass_after_the_other(passes, monkeypatch):
    found = made()
    monkeypatch.setattr(encoding, "LARGE", 10**9)
    np.testing.assert_array_equal(found, made(), strict=True)


def test_features_in_bfloat16_are_others_within_its_rounding(passes):
    exact, rounded = made(1), made(1, precision="bfloat16")
    assert not np.array_equal(exact, rounded)
    np.testing.assert_allclose(rounded, exact, atol=0.05)


def test_full_batches_have_a_core_each_and_the_last_one_the_threads_of_the_caller(passes):
    made()
    assert [threads for _, threads in passes] == [1, 1, 2]
    assert passes[2][0] == threading.get_ident()
    assert threading.get_ident() not in {thread for thread, _ in passes[:2]}


def test_progress_ends_with_all_texts_and_all_tokens(passes):
    told = []
    made(on_batch=lambda rows, share: told.append((rows, share)))
    assert told == sorted(told)
    assert told[-1] == (len(TEXTS), 1.0)


def test_items_keep_their_order_and_torch_its_threads():
    with torch_threads(2):
        with on_cores(lambda item: (item, torch.get_num_threads()), range(20)) as found:
            assert list(found) == [(item, 1) for item in range(20)]
        assert torch.get_num_threads() == 2
        seen = []
        later = threading.Thread(target=lambda: seen.append(torch.get_num_threads()))
        later.start()
        later.join()
        assert seen == [2]


def test_what_was_not_begun_is_not_done_after_an_error():
    begun = []
    gate = threading.Event()

    def act(item):
        begun.append(item)
        gate.wait(10 * item)
        return item

    with pytest.raises(KeyboardInterrupt), on_cores(act, range(50), 1) as found:
        next(found)
        gate.set()
        raise KeyboardInterrupt
    assert len(begun) < 50
