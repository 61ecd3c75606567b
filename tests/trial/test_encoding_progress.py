"""While texts are encoded, the run is told how far that is."""

import numpy as np
import pytest

from benchmark.corpora import Corpus, Split
from benchmark.experiment.choices import Choices
from benchmark.experiment.expansion import expand
from benchmark.experiment.grid import load_grid
from benchmark.records.artefacts import ArtefactCache
from benchmark.training.encoders.names import encoder_from
from benchmark.trial.prepare import prepare

SIZES = {"train": 40, "valid": 8, "test": 12}


@pytest.mark.skipif(not encoder_from("frozen:minilm").at_hand(), reason="the weights of minilm are not installed")
def test_each_batch_is_told_and_the_last_one_is_all_texts(tmp_path, monkeypatch):
    splits = {}
    for name, rows in SIZES.items():
        labels = np.arange(rows) % 8
        texts = tuple(f"{name} {row} " + "word " * 200 for row in range(rows))
        splits[name] = Split(tuple(f"{name} {row}" for row in range(rows)), texts, labels, {})
    names = tuple(f"class {number}" for number in range(8))
    corpus = Corpus("apidocs", names, splits)
    monkeypatch.setattr("benchmark.trial.artefacts.corpus.load_corpus", lambda name: corpus)
    choices = Choices(methods=["majority"], noises=["clean()"], seeds=1)
    told = []
    prepare(
        expand(load_grid("demo"), choices),
        ArtefactCache(tmp_path),
        "cpu",
        lambda what: None,
        on_texts=lambda *progress: told.append(progress),
    )
    texts, every, shares = zip(*told, strict=True)
    assert set(every) == {60}
    assert texts[-1] == 60
    assert shares[-1] == pytest.approx(1.0)
    assert len(texts) >= len(SIZES)
    assert list(texts) == sorted(set(texts))
    assert list(shares) == sorted(set(shares))
