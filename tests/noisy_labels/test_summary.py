"""What `noise show` says is what the noise did."""

import dataclasses

import numpy as np
import pytest

from benchmark.contracts import BenchmarkError, noise_from
from benchmark.corpora.corpus import Corpus, Split
from benchmark.noisy_labels.features import arrays_for
from benchmark.noisy_labels.inject import inject_noise, noise_inputs
from benchmark.noisy_labels.summary import summarise_noise
from tests.support.toy_corpora import corpus_of


def summary_of(text, corpus=None, seed=0):
    return summarise_noise(corpus or corpus_of(), noise_from(text), seed)


def hard_corpus():
    """Every other text says nothing of its class, so that weak learners and teachers
    err.
    """
    easy = corpus_of()
    splits = {
        name: dataclasses.replace(
            split,
            texts=tuple(text if row % 2 else " ".join(text.split()[1:]) for row, text in enumerate(split.texts)),
        )
        for name, split in easy.splits.items()
    }
    return Corpus("toy", easy.label_names, splits)


@pytest.mark.parametrize("text", ["symmetric(0.4)", "hub(0.4)", "observed(weak)", "imbalance(4)+symmetric(0.2)"])
def test_rates_by_class_add_up_to_the_manifest(text):
    found = summary_of(text)
    for rate, texts, overall in (
        ("train_rate", "train_texts", found.manifest.realised_rate),
        ("valid_rate", "valid_texts", found.manifest.realised_valid_rate),
    ):
        wrong = sum((getattr(row, rate) or 0) * getattr(row, texts) for row in found.classes)
        assert np.isclose(wrong / sum(getattr(row, texts) for row in found.classes), overall)


def test_rates_asked_for_are_the_laws_and_absent_where_there_is_none():
    assert [row.asked for row in summary_of("hub(0.4)").classes] == pytest.approx([0, 0.4, 0.4, 0.4])
    assert {row.asked for row in summary_of("observed(weak)").classes} == {None}


@pytest.mark.parametrize("name", ["instance", "instance_token_ids", "pmd", "seal", "confusion"])
def test_models_with_a_score_show_the_highest_and_flips_gather_there(name):
    corpus, noise = hard_corpus(), noise_from(f"{name}(0.2)")
    arrays = arrays_for(corpus, noise)
    scores = noise.flip_scores(noise_inputs(corpus, "train", noise, 0, arrays))
    found = summary_of(str(noise), corpus)
    assert [text.score for text in found.texts] == sorted(scores, reverse=True)[:20]
    assert noise.flip_score in found.chosen_by
    noisy = inject_noise(corpus, noise, 0, arrays)
    wrong = noisy.train_labels != noisy.train.clean_labels
    assert scores[noisy.train_rows][wrong].mean() > scores[noisy.train_rows][~wrong].mean()


@pytest.mark.parametrize("name", ["symmetric", "uniform", "crowd", "similar", "hub"])
def test_models_without_a_score_show_what_turns_first_at_any_rate(name):
    low, high = (summary_of(f"{name}({rate})") for rate in (0.2, 0.4))
    assert "as the rate rises" in low.chosen_by
    assert len(low.texts) == 20
    assert [text.id for text in low.texts] == [text.id for text in high.texts]
    assert all(text.clean_label != text.noisy_label and text.score is None for text in low.texts)


def test_few_wrong_labels_are_all_shown_and_no_more():
    assert len(summary_of("symmetric(0.01)").texts) == 4
    assert summary_of("clean()").texts == ()


def test_a_model_without_rate_or_score_says_so():
    found = summary_of("observed(weak)")
    assert "no text a score" in found.chosen_by
    assert len(found.texts) == 20


def test_seeds_overlap_by_chance_where_chance_chooses_and_wholly_where_it_does_not():
    drawn = summary_of("symmetric(0.4)", corpus_of(train=4000))
    assert [overlap.seed for overlap in drawn.overlaps] == [1, 2, 3]
    for overlap in drawn.overlaps:
        assert overlap.expected == pytest.approx(0.16, abs=0.001)
        assert overlap.both == pytest.approx(0.16, abs=0.02)
    for overlap in summary_of("seal(0.4)").overlaps:
        assert overlap.both == pytest.approx(0.4, abs=0.01)
        assert overlap.expected < 0.25


def test_a_corpus_without_clean_labels_is_refused():
    whole = corpus_of(valid=0)
    train = whole.splits["train"]
    unknown = Split(train.ids, train.texts, np.full(len(train), -1), train.observed)
    with pytest.raises(BenchmarkError, match="no clean train labels"):
        summary_of("observed(weak)", Corpus("toy", whole.label_names, {**whole.splits, "train": unknown}))
