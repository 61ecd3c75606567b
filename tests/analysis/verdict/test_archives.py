import json
from pathlib import Path

import pytest

from benchmark.analysis.expectations import MEASURED, REFERENCE
from benchmark.analysis.settings import settings_of
from benchmark.analysis.verdict import opening, recommendations
from benchmark.analysis.verdict.archives import Fallback, failing_of, fallback
from benchmark.analysis.verdict.families import FEWEST_CHECKED
from benchmark.analysis.verdict.measured_archives import failing_in
from tests.support.records import agreeing

METHODS = ["cross_entropy", "elr", "gce"]


@pytest.fixture
def noisy(factory, result_set_of):
    """Without clean test labels, elr agrees far better with the noisy ones."""
    factory.skills = {"elr": 1.0}

    def made(noise):
        return result_set_of(map(agreeing, factory.grid(METHODS, [noise], [1, 2, 3, 4, 5])))

    return made


def test_noisy_labels_do_not_choose_under_observed_noise(noisy):
    (found,) = recommendations(noisy("observed(label)"))
    assert found.standing == "noisy labels"
    assert found.method == fallback().method
    assert found.gain is None


def test_the_sentence_says_how_many_labels_to_check(noisy):
    (said,) = opening(noisy("observed(label)"))
    size, _ = fallback().enough
    assert f"labels of {size} to" in said
    assert fallback().method in said
    assert "elr" not in said


@pytest.mark.parametrize("ran", [True, False])
def test_a_method_that_is_named_without_having_run_here_is_said_to(factory, result_set_of, ran):
    methods = [*METHODS, *([fallback().method] if ran else [])]
    (said,) = opening(result_set_of(map(agreeing, factory.grid(methods, ["observed(label)"], [1, 2, 3]))))
    assert ("not run here" in said) == (not ran)


def test_noisy_labels_choose_with_a_warning_under_injected_noise(noisy):
    (found,) = recommendations(noisy("symmetric(0.4)"))
    assert found.method == "elr"
    assert "noisy" in found.warnings[0]


def test_the_fallback_failed_nowhere_and_gained():
    known = fallback()
    assert failing_of(known.method) == ()
    assert known.gain > 0


def test_checked_labels_that_are_asked_for_brought_more_than_fallback_and_noisy_labels():
    known = fallback()
    assert known.enough is not None
    assert known.enough[1] > max(known.gain, known.noisy_labels)


def test_labels_that_are_too_few_to_choose_are_never_asked_for():
    checked = ((FEWEST_CHECKED - 1, 0.9), (FEWEST_CHECKED, 0.3), (50, 0.8), (100, 0.9))
    assert Fallback("a", "e", "m", 9, gain=0.5, ratio=1.0, noisy_labels=0.4, checked=checked).enough == (50, 0.8)
    assert Fallback("a", "e", "m", 9, gain=0.5, ratio=1.0, noisy_labels=0.95, checked=checked).enough is None


def test_where_a_recommended_method_failed_is_said(factory, result_set_of):
    factory.skills = {"npc": 1.0}
    (said,) = opening(result_set_of(factory.grid(["cross_entropy", "npc"], ["symmetric(0.4)"], [1, 2, 3, 4, 5])))
    assert "use npc" in said
    assert f" {-failing_of('npc')[0].difference:.1f} points below" in said


def test_a_noise_under_which_the_recommended_method_is_worse_is_named(factory, result_set_of):
    factory.skills = {"elr": 1.5}
    records = factory.grid(METHODS, ["symmetric(0.2)", "symmetric(0.4)", "symmetric(0.6)"], [1, 2, 3, 4, 5])
    bad = [r for r in records if (r.method, r.noise) == ("elr", "symmetric(0.6)")]
    worse = [r for r in records if r not in bad] + [
        factory.record("elr", r.noise, r.seed, accuracy=0.5 + 0.01 * r.seed) for r in bad
    ]
    (found,) = recommendations(result_set_of(worse))
    assert found.method == "elr"
    assert any("symmetric(0.6)" in warning for warning in found.warnings)


def test_the_packaged_cells_come_back_from_an_archive():
    written = json.loads(Path(fallback.__code__.co_filename).with_suffix(".json").read_text())["failing"]
    (results,) = settings_of(MEASURED / "fine-tuned-minilm-paper", REFERENCE)
    for method, cells in failing_in(results, "fine-tuned-minilm-paper").items():
        known = {(one["corpus"], one["noise"], one["encoder"]): one["difference"] for one in written[method]}
        for cell in cells:
            assert known[cell.corpus, cell.noise, cell.encoder] == cell.difference
