"""The corpus of a trial, cut to the limits of its configuration."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

import numpy as np

from benchmark.corpora import limit_corpus, load_corpus
from benchmark.corpora.corpus import Corpus, Split
from benchmark.records.config import TrialConfig


def make_corpus(path: Path, config: TrialConfig) -> None:
    """Write the corpus of a trial into an artefact folder."""
    write_corpus(path, limit_corpus(load_corpus(config.corpus), config.limits.by_split()))


def write_corpus(path: Path, corpus: Corpus) -> None:
    """Write a corpus as JSON into an artefact folder."""
    splits = {
        name: {
            "ids": split.ids,
            "texts": split.texts,
            "clean_labels": split.clean_labels.tolist(),
            "observed": {source: labels.tolist() for source, labels in split.observed.items()},
            "votes": {source: votes.tolist() for source, votes in split.votes.items()},
        }
        | ({} if split.groups is None else {"groups": split.groups.tolist()})
        for name, split in corpus.splits.items()
    }
    content = {"name": corpus.name, "label_names": corpus.label_names, "splits": splits}
    (path / "corpus.json").write_text(json.dumps(content), encoding="utf-8")


@lru_cache(maxsize=2)
def read_corpus(path: Path) -> Corpus:
    """Read the corpus of an artefact folder."""
    content = json.loads((path / "corpus.json").read_text(encoding="utf-8"))
    splits = {
        name: Split(
            ids=tuple(rows["ids"]),
            texts=tuple(rows["texts"]),
            clean_labels=np.asarray(rows["clean_labels"], dtype=np.int64),
            observed={source: np.asarray(labels, dtype=np.int64) for source, labels in rows["observed"].items()},
            votes={source: np.asarray(votes, dtype=np.int64) for source, votes in rows["votes"].items()},
            groups=np.asarray(rows["groups"], dtype=np.int64) if "groups" in rows else None,
        )
        for name, rows in content["splits"].items()
    }
    return Corpus(content["name"], tuple(content["label_names"]), splits)
