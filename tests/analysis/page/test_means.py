import numpy as np
import pytest

from benchmark.analysis.page.front import front
from benchmark.analysis.page.means import NO_BREAK, means_tables, standings
from benchmark.analysis.points import details_of
from benchmark.analysis.verdict import recommendations

NOISES = ["clean()", "symmetric(0.2)", "symmetric(0.4)"]
METHODS = ["cross_entropy", "elr", "gce"]
SEEDS = [1, 2, 3, 4, 5]


@pytest.fixture
def clear(factory):
    factory.skills = {"elr": 1.0}
    return factory.grid([*METHODS, "majority", "oracle_drop"], NOISES, SEEDS)


def only_table(results):
    (table,) = means_tables(results, standings(results))
    return table


def column(table, name):
    place = [column.name for column in table.columns].index(name)
    return {row.label: row.cells[place] for row in table.rows}


def test_a_mean_is_over_noisy_cells_seeds_and_both_rules(clear, result_set_of):
    wanted = np.mean(
        [
            record.selections[rule].metrics["test_accuracy"]
            for record in clear
            if record.method == "gce" and record.noise_kind != "clean"
            for rule in ("last", "noisy_valid")
        ]
    )
    assert column(only_table(result_set_of(clear)), "mean")["gce"].text == f"{100 * wanted:.1f}"


def test_the_recommended_method_stands_first_in_bold_with_the_gain_of_the_verdict(clear, result_set_of):
    results = result_set_of(clear)
    table, (found,) = only_table(results), recommendations(results)
    gain = found.gain
    assert table.rows[0].label == "elr"
    assert column(table, "mean")["elr"].mark == "best"
    shown = f"+{100 * gain.difference:.1f} ({100 * gain.low:.1f} to {100 * gain.high:.1f})"
    assert column(table, "gain (95 % interval)")["elr"].text.replace(NO_BREAK, " ") == shown


def test_methods_that_are_never_ranked_are_not_in_it(clear, result_set_of):
    assert {row.label for row in only_table(result_set_of(clear)).rows} == set(METHODS)


def test_corpora_stand_side_by_side(factory, result_set_of):
    table = only_table(result_set_of(factory.grid(METHODS, NOISES, SEEDS, ["trec", "agnews"])))
    assert [name for name, _ in table.groups if name] == ["agnews", "trec"]


def test_uneven_classes_bring_macro_f1_beside_the_mean(factory, result_set_of):
    records = [
        record.model_copy(update={"manifest": record.manifest.model_copy(update={"class_shares": shares})})
        for corpus, shares in (("trec", [0.8, 0.2]), ("agnews", [0.5, 0.5]))
        for record in factory.grid(METHODS, NOISES, SEEDS, [corpus])
    ]
    results = result_set_of(records)
    object.__setattr__(results, "details", details_of(records))
    table = only_table(results)
    assert [column.group for column in table.columns if column.name == "Macro-F1"] == ["trec"]


def test_one_seed_gives_gains_without_intervals(factory, result_set_of):
    table = only_table(result_set_of(factory.grid(METHODS, NOISES, [1])))
    assert " to " not in column(table, "gain (95 % interval)")["gce"].text


def test_without_a_verdict_the_front_says_why_and_holds_no_table(factory, result_set_of):
    opened = front(result_set_of(factory.grid(METHODS, ["clean()"], SEEDS)), [])
    assert opened.means == ()
    assert opened.picture == ""
    assert "No verdict" in opened.answers[0].use


def test_an_answer_holds_the_command_that_settles_what_is_open(monkeypatch, factory, result_set_of):
    monkeypatch.setattr("benchmark.analysis.page.answers.command_of", lambda *given: "the command")
    (answer,) = front(result_set_of(factory.grid(METHODS, NOISES, [1])), []).answers
    assert "4 more seeds" in answer.step
    assert answer.command == "the command"


def test_where_no_seeds_settle_what_is_open_the_answer_says_so(factory, result_set_of):
    factory.skills = {"elr": 0.5, "gce": 0.4}
    (answer,) = front(result_set_of(factory.grid(METHODS, NOISES, SEEDS)), []).answers
    assert "20 more seeds" in answer.step
    assert answer.command == ""
