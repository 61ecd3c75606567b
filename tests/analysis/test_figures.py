import io
import os
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from PIL import Image

from benchmark.analysis.figures import all_figures, beside
from benchmark.analysis.figures.beside import figures_beside
from benchmark.analysis.figures.cost_by_accuracy import cost_by_accuracy, spread
from benchmark.analysis.figures.critical_difference import critical_difference, groups, nemenyi_difference
from benchmark.analysis.figures.curves import learning_curves
from benchmark.analysis.figures.seed_spread import seed_spread
from benchmark.analysis.figures.transition_matrices import transition_matrices
from benchmark.analysis.frame import comparable_groups, tidy
from benchmark.analysis.points import details_of
from benchmark.analysis.result_set import ResultSet
from benchmark.contracts.errors import BenchmarkError
from benchmark.records.schema import CurvePoint
from tests.support.figures import in_every_format, of_pdf
from tests.support.records import Factory

EVIL = "<script>alert(1)</script>_%&$x"
KINDS = ["symmetric(0.2)", "symmetric(0.4)", "asymmetric(0.4)"]
METHODS = ["cross_entropy", "gce", "elr"]
pytestmark = pytest.mark.usefixtures("every_format")


def made(records):
    kept = comparable_groups(tidy(records)).kept
    return ResultSet("minilm", "frozen", kept, "cross_entropy", details_of(records))


@pytest.fixture
def results():
    return made


def curve(stage=1, **measures):
    return [
        CurvePoint(stage=stage, fraction=k / 10, noisy_valid_accuracy=0.5 + k / 40, **measures) for k in range(1, 11)
    ]


def with_curves(factory, **measures):
    return [
        factory.record(method, noise, seed, curve=curve(**measures))
        for method in [*METHODS, EVIL]
        for noise in KINDS
        for seed in (1, 2)
    ]


@pytest.fixture(scope="module")
def figures():
    """Every figure of trials with curves."""
    with in_every_format():
        return tuple(all_figures(made(with_curves(Factory(), test_accuracy=0.7))))


def test_every_figure_has_three_formats_that_can_be_read_and_its_own_key(figures):
    assert {figure.group for figure in figures} == {
        "Accuracy against noise rate",
        "Cost against accuracy",
        "Learning curves",
        "Transition matrices",
        "Spread over seeds",
    }
    assert len({figure.key for figure in figures}) == len(figures)
    for figure in figures:
        ElementTree.fromstring(figure.svg)
        assert Image.open(io.BytesIO(figure.png)).width > 400
        assert figure.pdf.startswith(b"%PDF")
        assert b"CreationDate" not in figure.pdf


def test_the_same_trials_give_the_same_bytes_in_every_format(figures, factory, results):
    again = all_figures(results(with_curves(factory, test_accuracy=0.7)[::-1]))
    assert [figure.files() for figure in figures] == [figure.files() for figure in again]


def test_without_anything_to_show_there_is_no_figure(factory, results):
    assert list(all_figures(results([factory.record(status="failed", manifest=None)]))) == []
    alone = results([factory.record(manifest=None, costs=None)])
    assert list(all_figures(alone)) == []


def test_a_curve_of_one_point_is_not_drawn(factory, results):
    point = CurvePoint(stage=1, fraction=1.0, noisy_valid_accuracy=0.5)
    assert not list(learning_curves(results([factory.record(curve=[point])])))
    assert list(learning_curves(results([factory.record(curve=curve())])))


@pytest.mark.parametrize(
    ("measures", "rows"),
    [({}, 1), ({"test_accuracy": 0.7}, 2), ({"test_accuracy": 0.7, "right_fitted": 0.9, "wrong_fitted": 0.4}, 4)],
)
def test_curves_show_the_measures_that_the_records_have(factory, results, measures, rows):
    (figure,) = learning_curves(results(with_curves(factory, **measures)))
    height = Image.open(io.BytesIO(figure.png)).height / 150
    assert height == pytest.approx(1.25 + 2.3 * rows + 0.25 * (rows - 1), abs=0.05)


def test_records_that_were_set_aside_are_in_no_curve(factory, results):
    kept = [factory.record(seed=seed, curve=curve()) for seed in (1, 2)]
    aside = factory.record(version=0, seed=1, curve=curve(test_accuracy=0.1))
    chosen = results([*kept, aside])
    found = chosen.details_in(list(chosen.cells.index))
    assert [detail.trial for detail in found] == [record.trial for record in kept]


def test_matrices_show_the_law_what_came_about_and_what_was_estimated(factory, results):
    plain = factory.record()
    manifest = plain.manifest.model_copy(update={"requested_matrix": np.full((6, 6), 1 / 6).tolist()})
    rows = {
        1: plain,
        2: factory.record(manifest=manifest),
        3: factory.record(manifest=manifest, estimated_matrix=np.eye(6).tolist()),
    }
    for count, record in rows.items():
        (figure,) = transition_matrices(results([record]))
        height = Image.open(io.BytesIO(figure.png)).height / 150
        assert height == pytest.approx(1.25 + 2.2 * count + 0.25 * (count - 1), abs=0.05)


def test_clean_labels_alone_have_no_matrix(factory, results):
    assert not list(transition_matrices(results([factory.record(noise="clean()")])))


def test_one_seed_has_no_spread(factory, results):
    assert not list(seed_spread(results(factory.grid(METHODS, KINDS, [1]))))
    assert len(list(seed_spread(results(factory.grid(METHODS, KINDS, [1, 2]))))) == 1


def test_the_diagram_of_ranks_is_drawn_only_where_the_blocks_can_decide(factory, results):
    factory.skills = {"elr": 1.0, "gce": 0.5}
    noises = [f"{kind}(0.4)" for kind in ("symmetric", "asymmetric", "instance", "uniform")]
    few = factory.grid(METHODS, noises, [1], ["a"])
    assert not list(critical_difference(results(few)))
    many = factory.grid(METHODS, noises, [1], ["a", "b", "c"])
    figures = list(critical_difference(results(many)))
    assert [figure.key for figure in figures] == ["critical-difference-last", "critical-difference-noisy_valid"]
    assert "12 blocks" in figures[0].caption
    assert "Exploratory" in figures[0].caption


@pytest.mark.parametrize(("methods", "q"), [(2, 1.960), (5, 2.728), (10, 3.164)])
def test_the_critical_difference_is_that_of_the_table_in_demsar(methods, q):
    assert nemenyi_difference(methods, blocks=30) == pytest.approx(q * np.sqrt(methods * (methods + 1) / 180), abs=2e-3)


def test_groups_join_only_what_is_near():
    assert groups([1.0, 3.0, 5.0], 1.5) == []
    assert groups([1.0, 1.1, 1.2], 1.5) == [(0, 2)]


def test_the_front_names_methods_that_lack_no_cell(factory, results):
    factory.skills = {"elr": 1.0}
    factory.networks = {"gce": 2}
    records = factory.grid(METHODS, KINDS, [1, 2])
    partial = factory.record("partial", KINDS[0], 1)
    figures = list(cost_by_accuracy(results([*records, partial])))
    assert len(figures) == 2
    assert "3 noisy cells" in figures[0].caption


def test_names_beside_a_figure_never_overlap():
    places = spread(np.sort(np.random.default_rng(0).uniform(0, 2, 30)), 0.19, 3.0)
    assert np.diff(places).min() >= 0.19 - 1e-9
    assert places[0] >= 0


def test_no_figure_depends_on_a_font_or_an_address_outside(figures):
    for figure in figures:
        addresses = re.findall(rb'(?:href|src)="([^"]*)"', figure.svg)
        assert all(address.startswith((b"#", b"data:image/png")) for address in addresses)
        assert b"<text" not in figure.svg
        assert b"<script" not in figure.svg


def test_many_trials_are_drawn_as_bars_and_few_one_by_one(factory, results):
    def marks(seeds):
        (figure,) = seed_spread(results(factory.grid(["cross_entropy"], KINDS, range(seeds))))
        return figure.svg.count(b"<use ")

    assert marks(20) - marks(10) == pytest.approx(2 * 3 * 10, abs=8)
    assert marks(21) < marks(10)


def test_figures_drawn_in_other_processes_are_the_same_to_the_byte(factory, results):
    given = [results(factory.grid(METHODS, KINDS[:2], [1, 2])), results(factory.grid(METHODS, KINDS[2:], [1, 2]))]
    with figures_beside(given, 1) as here, figures_beside(given, 2) as there:
        assert there() == here()


def test_a_trouble_in_another_process_is_told_here(factory, results, monkeypatch):
    given = [results(factory.grid(METHODS, KINDS[:2], [1, 2]))]

    def trouble(_):
        raise BenchmarkError(f"drawn by {os.getpid()}")
        yield

    monkeypatch.setattr(beside, "BUILDERS", (trouble,))
    with pytest.raises(BenchmarkError, match="drawn by") as caught, figures_beside(given, 2) as there:
        there()
    assert str(os.getpid()) not in str(caught.value)


def test_a_pdf_holds_no_table_that_shapes_text(factory, results):
    figure = next(all_figures(results(factory.grid(METHODS, KINDS, [1, 2]))))
    for stream in of_pdf(figure.pdf):
        assert not any(tag in stream[:400] for tag in (b"GPOS", b"GSUB"))
