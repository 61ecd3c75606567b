import json
import os
import subprocess
import sys

import numpy as np
import pytest

from benchmark.corpora import availability, cards_folder, load_card, load_corpus
from benchmark.corpora.readers import reader_of
from benchmark.corpora.readers.docstrings import package_docstrings, prose

NAMES = (
    "numpy",
    "scipy",
    "pandas",
    "sklearn",
    "scikit-learn",
    "torch",
    "matplotlib",
    "pyplot",
    "networkx",
    "transformers",
)


@pytest.fixture
def corpus():
    return load_corpus("apidocs")


def test_it_is_at_hand_with_nothing_but_the_installed_project(empty_data):
    assert availability("apidocs").source == "installed"


def test_it_is_large_and_its_classes_are_balanced_in_every_split(corpus):
    assert len(corpus.splits["train"]) > 4000
    for split, least_rows in (("train", 300), ("valid", 40), ("test", 90)):
        counts = np.bincount(corpus.splits[split].clean_labels, minlength=corpus.num_classes)
        assert counts.min() > least_rows
        assert counts.max() / counts.sum() < 0.2


def test_no_text_carries_the_name_of_a_package(corpus):
    for split in corpus.splits.values():
        for text in split.texts:
            assert not any(name in text.lower() for name in NAMES)
            assert not {"np", "pd", "plt", "nx"} & set(text.lower().replace(".", " ").split())


def test_texts_are_short_and_no_text_is_twice(corpus):
    texts = [text for split in corpus.splits.values() for text in split.texts]
    assert len({text.lower() for text in texts}) == len(texts)
    assert all(len(text.split()) <= 60 for text in texts)


def test_the_card_says_that_encoders_saw_such_text():
    assert any("MiniLM" in defect for defect in load_card("apidocs").defects)


def test_it_is_the_same_under_another_hash_seed(tmp_path):
    code = (
        "from benchmark.corpora import load_card; from benchmark.corpora.readers import reader_of; import json, sys\n"
        "card = load_card('apidocs'); reader = reader_of(card.sources[0]).model_copy(update={'per_package': 60})\n"
        "raw = reader.read({}, card.label_names)\n"
        "print(json.dumps({k: [v.ids, v.texts, v.clean_labels.tolist()] for k, v in raw.items()}))"
    )
    printed = []
    for seed in ("1", "2"):
        surroundings = os.environ | {"PYTHONHASHSEED": seed, "BENCHMARK_CACHE": str(tmp_path / seed)}
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, env=surroundings, check=True, cwd=cards_folder().parent
        )
        printed.append(json.loads(done.stdout))
    assert printed[0] == printed[1]


def test_the_cache_changes_nothing(monkeypatch, tmp_path):
    card = load_card("apidocs")
    reader = reader_of(card.sources[0]).model_copy(update={"per_package": 20})
    monkeypatch.setenv("BENCHMARK_CACHE", str(tmp_path))
    fresh, remembered = (reader.read({}, card.label_names)["train"] for _ in range(2))
    assert list(tmp_path.rglob("*.json"))
    assert (fresh.ids, fresh.texts) == (remembered.ids, remembered.texts)


def test_sources_are_parsed_never_run_and_broken_files_passed_over(tmp_path, monkeypatch):
    package = tmp_path / "strange_package"
    (package / "tests").mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    (package / "broken.py").write_text("def f(:")
    (package / "tests" / "a.py").write_text('def f():\n    """Text of a test that is left out here."""')
    (package / "good.py").write_text('class A:\n    def f(self):\n        """Give back the first of all things."""')
    monkeypatch.syspath_prepend(str(tmp_path))
    assert package_docstrings("strange_package", 10, 3, 50) == {
        "strange_package.good.A.f": "Give back the first of all things."
    }


def test_prose_ends_at_a_section_a_list_or_an_example():
    assert prose("One.\n\n    Two.\n\n    Args:\n        x: y", 50) == "One. Two."
    assert prose("One.\n\n    >>> f()", 50) == "One."
    assert prose("One two three four", 2) == "One two"
