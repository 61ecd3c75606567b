"""Texts are encoded once, whatever the folder, the file or the run."""

import json
import shutil
import subprocess
import sys
import threading

import numpy as np
import pytest
import torch

from benchmark import NoisyLabelClassifier, find_label_errors
from benchmark.features import embedding, vocabulary
from benchmark.files import kept_arrays
from benchmark.training.encoders.names import Encoder, encoder_from
from benchmark.training.threads import torch_threads

MINILM = encoder_from("frozen:minilm")
TEXTS = ["one text", "another text of more words", "a third"]
pytestmark = pytest.mark.skipif(not MINILM.at_hand(), reason="the weights of minilm are not installed")
RUN = ("--executor", "inline", "--methods", "cross_entropy", "--encoder", "frozen:minilm", "--seeds", "1")
RUN += ("--limit-examples", "64", "--epochs", "1", "--no-report")


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHMARK_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv(kept_arrays.LIMIT_VARIABLE)


@pytest.fixture
def encoded(monkeypatch):
    """The lists of texts that were encoded, in turn."""
    lists, original = [], embedding.pooled_features

    def counted(encoder, texts, *rest):
        lists.append(list(texts))
        return original(encoder, texts, *rest)

    monkeypatch.setattr(embedding, "pooled_features", counted)
    return lists


def test_the_same_texts_are_encoded_once_to_the_same_bits(encoded):
    first = embedding.features_of(MINILM, TEXTS, 16)
    np.testing.assert_array_equal(embedding.features_of(MINILM, TEXTS, 16), first, strict=True)
    assert encoded == [TEXTS]


@pytest.mark.parametrize(
    ("texts", "tokens", "precision"),
    [
        (TEXTS[::-1], 16, "float32"),
        (["one text another", " text of more words", "a third"], 16, "float32"),
        (TEXTS, 8, "float32"),
        (TEXTS, 16, "bfloat16"),
    ],
)
def test_another_order_cut_length_or_precision_is_encoded_anew(monkeypatch, texts, tokens, precision):
    calls = []
    monkeypatch.setattr(
        embedding, "pooled_features", lambda *given: calls.append(given) or np.ones((3, 2), dtype=np.float32)
    )
    embedding.features_of(MINILM, TEXTS, 16)
    embedding.features_of(MINILM, texts, tokens, precision=precision)
    assert len(calls) == 2


CHANGES = {
    "another version of torch": lambda patch: patch(torch, "__version__", "0.1"),
    "another version of transformers": lambda patch: patch(embedding, "version", lambda package: "0.1"),
    "another processor": lambda patch: patch(torch.backends.cpu, "get_cpu_capability", lambda: "a new one"),
    "other weights": lambda patch: patch(Encoder, "weights_digest", lambda encoder: "others"),
    "another vocabulary": lambda patch: patch(embedding, "vocabulary_digest", lambda folder: "another"),
    "another way to make features": lambda patch: patch(embedding, "FORM", 0),
    "another number of threads": lambda patch: patch(embedding, "ENCODING_THREADS", 3),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_decides_the_bits_is_part_of_what_features_are_kept_by(monkeypatch, change):
    calls = []
    monkeypatch.setattr(
        embedding, "pooled_features", lambda *given: calls.append(given) or np.ones((3, 2), dtype=np.float32)
    )
    embedding.features_of(MINILM, TEXTS, 16)
    change(monkeypatch.setattr)
    embedding.features_of(MINILM, TEXTS, 16)
    embedding.features_of(MINILM, TEXTS, 16)
    assert len(calls) == 2


def test_another_vocabulary_is_another_encoder(tmp_path):
    folder = tmp_path / "encoder"
    folder.mkdir()
    (folder / "tokenizer_config.json").write_text("{}")
    before = vocabulary.vocabulary_digest(folder)
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    assert vocabulary.vocabulary_digest(other) == before
    (other / "tokenizer_config.json").write_text('{"do_lower_case": true}')
    vocabulary.vocabulary_digest.cache_clear()
    assert vocabulary.vocabulary_digest(other) != before


def test_features_from_the_cache_are_told_as_done(encoded):
    told = []
    for _ in range(2):
        embedding.features_of(MINILM, TEXTS, 16, on_batch=lambda rows, share: told.append((rows, share)))
    assert told[-1] == (3, 1.0)
    assert len(told) == 2


def test_kept_features_are_read_without_the_library_that_made_them():
    first = embedding.features_of(MINILM, TEXTS, 16)
    code = (
        "import sys\n"
        "from benchmark.features.embedding import features_of\n"
        "from benchmark.training.encoders.names import encoder_from\n"
        f"found = features_of(encoder_from('frozen:minilm'), {TEXTS!r}, 16)\n"
        "print(found.sum(), 'transformers' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(first.sum()), "False"]


def test_who_wants_features_that_are_being_made_waits_and_reads_them(monkeypatch):
    begun, go_on, calls, told, found = threading.Event(), threading.Event(), [], [], []

    def slowly(encoder, texts, tokens, device, precision, on_batch):
        calls.append(texts)
        on_batch(1, 0.25)
        begun.set()
        assert go_on.wait(10)
        return np.ones((3, 2), dtype=np.float32)

    def hear(rows, share):
        told.append((rows, share))
        go_on.set()

    monkeypatch.setattr(embedding, "pooled_features", slowly)
    maker = threading.Thread(target=lambda: found.append(embedding.features_of(MINILM, TEXTS, 16)))
    maker.start()
    assert begun.wait(10)
    read = embedding.features_of(MINILM, TEXTS, 16, on_batch=hear)
    maker.join()
    np.testing.assert_array_equal(read, found[0], strict=True)
    assert len(calls) == 1
    assert told[0] == (1, 0.25)
    assert told[-1] == (3, 1.0)
    assert [path.suffix for path in kept_arrays.store_folder().iterdir()] == [".features"]


def test_features_whose_making_failed_are_made_by_who_wants_them_next(monkeypatch, encoded):
    with monkeypatch.context() as patched, pytest.raises(MemoryError):
        patched.setattr(embedding, "pooled_features", lambda *given: (_ for _ in ()).throw(MemoryError))
        embedding.features_of(MINILM, TEXTS, 16)
    embedding.features_of(MINILM, TEXTS, 16)
    assert encoded == [TEXTS]


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "tickets.csv"
    rows = [f"ticket {number} about {'money' if number % 2 else 'time'},{'ab'[number % 2]}" for number in range(120)]
    path.write_text("text,label\n" + "\n".join(rows))
    return path


def run(command, table, out, *more):
    options = ("--data", table, "--text-column", "text", "--label-column", "label")
    ended = command("run", *options, *RUN, "--out", out, *more)
    assert ended.code == 0, ended.err


def test_runs_share_features_whatever_the_folder_and_need_no_cache(command, content, tmp_path, table, encoded):
    run(command, table, tmp_path / "one")
    before = len(encoded)
    assert before > 0
    run(command, table, tmp_path / "two")
    assert len(encoded) == before, "another run folder"
    one, two = (json.dumps(content(tmp_path / name), sort_keys=True) for name in ("one", "two"))
    assert one == two
    run(command, table.rename(tmp_path / "renamed.csv"), tmp_path / "three")
    assert len(encoded) == before, "a renamed table"


def test_a_run_goes_on_without_the_cache(command, tmp_path, table, encoded):
    run(command, table, tmp_path / "one")
    command("cache", "--clear")
    before = len(encoded)
    run(command, table, tmp_path / "one", "--seeds", "2")
    assert len(encoded) == before


COLUMNS = ("--text-column", "text", "--label-column", "label")


def kept_features():
    return {one.path.name for one in kept_arrays.kept() if one.path.suffix == ".features"}


def test_a_run_and_a_training_encode_nothing_that_an_audit_of_the_table_encoded(command, tmp_path, table, encoded):
    rest = ["a text without a label,", "ticket 7 about money,b", "TICKET 8 about time,a"]
    table.write_text(table.read_text() + "\n" + "\n".join(rest))
    ended = command("audit", table, *COLUMNS, "--out", tmp_path / "audit")
    assert ended.code == 0, ended.err
    before, kept = len(encoded), kept_features()
    run(command, table, tmp_path / "run", "--limit-examples", "1000")
    assert encoded[before:] == []
    options = ("--method", "cross_entropy", "--encoder", "frozen:minilm", "--epochs", "1")
    ended = command("train", table, *COLUMNS, *options, "--save", tmp_path / "model")
    assert ended.code == 0, ended.err
    assert kept_features() == kept


def test_an_audit_encodes_nothing_that_a_run_encoded_but_what_no_run_takes(command, tmp_path, table, encoded):
    table.write_text(table.read_text() + "\none of its class,c\n")
    run(command, table, tmp_path / "run", "--limit-examples", "1000", "--skip-bad-rows")
    before = len(encoded)
    ended = command("audit", table, *COLUMNS, "--out", tmp_path / "audit")
    assert ended.code == 0, ended.err
    assert encoded[before:] == [["one of its class"]]


def test_a_classifier_encodes_nothing_that_label_errors_were_sought_in(encoded):
    texts = [f"ticket {number % 30} about {'money' if number % 2 else 'time'}" for number in range(60)]
    labels = ["ab"[number % 2] for number in range(60)]
    find_label_errors(texts, labels)
    NoisyLabelClassifier(epochs=1).fit(texts, labels)
    assert encoded == [texts, texts[:1]]


def test_torchs_threads_decide_nothing(encoded):
    for threads in (1, 3):
        with torch_threads(threads):
            embedding.features_of(MINILM, TEXTS, 16)
    assert encoded == [TEXTS]
