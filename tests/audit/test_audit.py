"""An audit of made features, whose wrong labels are known."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from benchmark.audit import audit as auditing
from benchmark.audit.audit import audit_table
from benchmark.audit.output.page import summary
from benchmark.audit.reading import make_table
from benchmark.contracts import BenchmarkError

ROWS, CLASSES, SIZE = 600, 4, 16


def made(rate=0.2, unlabelled=0, seed=0, rows=ROWS):
    """Clusters of features with some labels turned: a table, features, true classes."""
    draws = np.random.default_rng(seed)
    true = draws.integers(CLASSES, size=rows)
    features = (3 * np.eye(CLASSES, SIZE)[true] + draws.normal(size=(rows, SIZE))).astype(np.float32)
    turned = draws.random(rows) < rate
    labels = np.where(turned, (true + 1 + draws.integers(CLASSES - 1, size=rows)) % CLASSES, true)
    names = [f"class {label}" for label in labels]
    names[:unlabelled] = [""] * unlabelled
    return make_table("made", [f"text {row}" for row in range(rows)], [[name] for name in names]), features, true


@pytest.fixture(scope="module")
def case():
    table, features, true = made(unlabelled=20)
    return table, audit_table(table, features), true


def test_with_few_rows_a_class_the_count_is_unreliable_and_likely_too_high():
    table, features, _ = made(rows=200)
    audit = audit_table(table, features)
    assert audit.count.few_rows
    assert not audit.count.reliable
    assert "fewer than 100 a class" in next(iter(summary(audit)))


def test_an_order_that_is_no_better_than_chance_is_said_to_be_so():
    table, features, _ = made()
    shuffled = features[np.random.default_rng(1).permutation(ROWS)]
    audit = audit_table(table, shuffled)
    assert not audit.count.reliable
    assert any("no better than chance" in sentence for sentence in summary(audit))


def test_enough_rows_that_models_tell_apart_are_counted(case):
    _, audit, _ = case
    assert audit.count.reliable
    assert not any("chance" in sentence or "100" in sentence for sentence in summary(audit))


def test_wrong_labels_come_first(case):
    table, audit, true = case
    wrong = (table.labels != true)[20:]
    assert average_precision_score(wrong, audit.p_wrong[20:]) > 0.95


def test_the_order_is_that_of_the_probability(case):
    _, audit, _ = case
    assert (np.diff(audit.p_wrong[audit.order]) <= 1e-12).all()


def test_the_proposed_label_of_a_wrong_row_is_mostly_the_true_one(case):
    table, audit, true = case
    wrong = (table.labels != true) & (table.labels >= 0)
    assert (audit.proposed[wrong] == true[wrong]).mean() > 0.9


def test_a_proposal_is_never_the_given_label(case):
    table, audit, _ = case
    assert (audit.proposed != table.labels).all()


def test_rows_without_a_label_get_a_proposal_and_no_probability(case):
    _, audit, true = case
    assert np.isnan(audit.p_wrong[:20]).all()
    assert (audit.proposed[:20] == true[:20]).mean() > 0.8


def test_corrected_labels_are_better_than_the_given_ones(case):
    table, audit, true = case
    assert (audit.corrected() == true)[20:].mean() > (table.labels == true)[20:].mean() + 0.1


def test_the_expected_count_is_near_the_true_one(case):
    table, audit, true = case
    assert abs(audit.count.share - (table.labels != true)[20:].mean()) < 0.08


def test_the_probabilities_add_up_to_the_expected_count(case):
    _, audit, _ = case
    assert np.nanmean(audit.p_wrong) == pytest.approx(audit.count.share, abs=1e-6)


def test_the_nearest_texts_shown_have_another_label(case):
    table, audit, _ = case
    shown = table.labels[audit.near]
    assert (shown != table.labels[audit.order[: len(shown)], None]).all()


def test_the_confusions_add_up_to_the_labelled_rows(case):
    _, audit, _ = case
    assert audit.confused.sum() == pytest.approx(audit.labelled)


def test_the_same_table_gives_the_same_audit(case):
    table, audit, _ = case
    again = audit_table(table, made(unlabelled=20)[1])
    np.testing.assert_array_equal(again.p_wrong, audit.p_wrong)


def test_checked_rows_decide_the_count_and_are_known():
    table, features, true = made(rate=0.3)
    first = audit_table(table, features)
    reviewed = {int(row): int(true[row]) for row in first.to_check}
    second = audit_table(table, features, reviewed)
    assert second.count.checked == 50
    assert second.count.lowest <= (table.labels != true).mean() <= second.count.highest
    assert all(second.p_wrong[row] == float(right != table.labels[row]) for row, right in reviewed.items())


def test_a_few_checked_rows_are_known_and_decide_no_count():
    table, features, _ = made(rate=0.3)
    first = audit_table(table, features)
    few = {int(row): int(table.labels[row] + 1) % 3 for row in first.to_check[:9]}
    second = audit_table(table, features, few)
    assert second.count == first.count
    assert all(second.p_wrong[row] == 1.0 for row in few)
    said = " ".join(summary(second))
    assert "fewer than 10" in said
    assert "9 in all" in said


def test_what_a_person_says_is_proposed_and_taken_whatever_models_say():
    table, features, _ = made(rate=0.3)
    first = audit_table(table, features)
    third = {int(row): min({0, 1, 2} - {int(table.labels[row]), int(first.proposed[row])}) for row in first.to_check}
    second = audit_table(table, features, third)
    assert all(second.proposed[row] == right for row, right in third.items())
    assert all(second.corrected()[row] == right for row, right in third.items())


def test_reviewed_rows_that_were_not_drawn_do_not_count():
    table, features, _ = made(rate=0.3)
    first = audit_table(table, features)
    others = [row for row in range(ROWS) if row not in first.to_check][:50]
    second = audit_table(table, features, {row: int(table.labels[row] + 1) % 3 for row in others})
    assert second.count == first.count
    assert all(second.p_wrong[row] == 1.0 for row in others)


@pytest.mark.parametrize("compared", [60_000, 10])
def test_a_pair_of_equal_texts_with_different_labels_is_told_once(monkeypatch, compared):
    monkeypatch.setattr(auditing, "MOST_COMPARED", compared)
    table, features, _ = made(rows=100)
    labels = [[table.given(row)] for row in range(100)]
    other = next(row for row in range(1, 100) if labels[row] != labels[0])
    texts = [*table.texts]
    texts[other], features[other] = texts[0], features[0]
    found = auditing.audit_table(make_table("made", texts, labels), features)
    assert found.duplicates == (auditing.Pair(0, other),)


def test_two_classes_are_audited():
    table, features, _ = made()
    two = make_table("two", table.texts, [["a" if label < 2 else "b"] for label in table.labels])
    assert np.isfinite(audit_table(two, features).p_wrong).all()


def test_labels_of_one_class_are_refused():
    with pytest.raises(BenchmarkError, match="1 class"):
        make_table("one", ["x", "y"], [["a"], [""]])


def test_a_class_that_is_seen_once_does_no_harm():
    table, features, _ = made()
    names = [table.label_names[label] for label in table.labels]
    names[7] = "seen once"
    assert np.isfinite(audit_table(make_table("made", table.texts, [[name] for name in names]), features).p_wrong).all()
