from hypothesis import example, given, settings
from hypothesis import strategies as st

from benchmark.contracts import noise_from
from benchmark.contracts.labels.spreadsheets import defused_cell, restored_cell
from benchmark.contracts.parameters.quoting import quoted, unquoted
from benchmark.contracts.specs import split_outside_brackets

NAMES = st.text(st.sampled_from("ab,=()[]+\"' .-"), min_size=1, max_size=12)


@settings(deadline=None)
@given(NAMES)
@example("['[']]")
def test_every_path_comes_back_from_the_text_of_its_noise(name):
    noise = noise_from(f"imported({quoted(name)},held_out=2)")
    assert (noise.file, noise.held_out) == (name, 2)
    assert noise_from(str(noise)) == noise
    assert split_outside_brackets(f"clean(),{noise}, clean()", ",") == ["clean()", str(noise), "clean()"]
    assert split_outside_brackets(f"{noise}+clean()", "+") == [str(noise), "clean()"]


def test_a_name_that_could_be_read_without_quotes_has_none():
    for name in ("weak", "a/b-c_1.csv", "a(1).csv", "it's.csv", "a+b.csv"):
        assert quoted(name) == name
        assert str(noise_from(f"imported({name})")) == f"imported({name})"


def test_either_quote_may_be_written():
    assert noise_from("imported('a, b.csv')").file == "a, b.csv"
    assert noise_from('imported(file = "a, b.csv" , held_out=1)').file == "a, b.csv"
    assert unquoted('"it\'s"') == "it's"


@given(st.text(st.sampled_from("'=+-@\t\rab"), max_size=6))
def test_no_cell_is_a_formula_and_each_comes_back(text):
    cell = defused_cell(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert restored_cell(cell) == text
