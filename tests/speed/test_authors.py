"""The line on the authors' code, with a small stand-in for that code."""

import pytest

from benchmark.contracts import BenchmarkError
from benchmark.speed import LINES, Setting
from benchmark.speed.authors import MODULE
from benchmark.speed.setting import Sizes

TINY = "scratch:tiny"
CODE = """
import time
from keras.preprocessing.sequence import pad_sequences
from transformers import AdamW, BertForSequenceClassification
from src.utils import *

def train_stage1(args, train, valid, prediction):
    model = BertForSequenceClassification.from_pretrained(args.bert, num_labels=args.num_classes)
    assert [k % args.n_gpu for k in range(args.n_model)] == ["cpu", "cpu"]
    ids, mask, clean, noisy = (part for part in train.dataset.tensors)
    assert len(ids) == 16
    assert (mask.sum(1) > 0).all()
    assert ((ids != 0) == (mask > 0)).all()
    assert noisy.max() < args.num_classes
    assert (args.epochs, train.batch_size) == (2, 32)
    assert [len(batch) for batch in (next(iter(valid)), next(iter(prediction)))] == [4, 3]
    model(input_ids=ids, attention_mask=mask)
    started = time.perf_counter()
    while time.perf_counter() - started < 2.0:
        pass
"""


@pytest.fixture
def authors(tmp_path):
    """A folder with a first stage that takes two seconds."""
    folder = tmp_path / "authors"
    (folder / MODULE).parent.mkdir(parents=True)
    (folder / "src" / "utils.py").write_text("import nltk\n")
    (folder / MODULE).write_text(CODE)
    return folder


@pytest.fixture
def setting(tmp_path, authors):
    sizes = Sizes(frozen_texts=16, tuned_texts=16, tuned_epochs=2, tuned_repeats=1, repeats=1)
    return Setting(tmp_path, sizes, corpus="apidocs", head=TINY, tuned=TINY, authors=authors)


def test_their_seconds_are_set_against_those_of_the_same_stage_here(setting):
    (found,) = LINES["authors"].measure(setting)
    assert 2.0 <= found.seconds["authors"] < 20.0
    assert found.value == pytest.approx(found.seconds["authors"] / found.seconds["here"])
    assert found.at_least == 4.0
    assert f"{TINY} on apidocs" in found.what
    assert "16 texts" in found.note


def test_a_fault_of_their_code_is_an_error_with_its_message(setting, authors):
    (authors / MODULE).write_text("raise OSError('no model')")
    with pytest.raises(BenchmarkError, match="no model"):
        LINES["authors"].measure(setting)


def test_without_their_code_nothing_is_measured_and_the_option_is_named(tmp_path):
    (found,) = LINES["authors"].measure(Setting(tmp_path, corpus="apidocs", head=TINY, tuned=TINY))
    assert found.verdict == "not measured"
    assert "--authors" in found.note


def test_a_folder_without_their_code_is_refused_before_anything_is_measured(refused, tmp_path, monkeypatch):
    monkeypatch.setattr("benchmark.speed.setting.Setting.task", lambda *given: 1 / 0)
    said = refused("speed", "--lines", "authors", "--authors", tmp_path / "nothing")
    assert MODULE.as_posix() in said.replace(" ", "")
    assert "--authors" in said
