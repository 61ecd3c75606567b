import io
import re
import shutil
import subprocess

import pytest
from rich.console import Console

from benchmark.analysis.formats import latex, latex_tables, markdown
from benchmark.analysis.formats.latex import escape
from benchmark.analysis.tables import Cell, Column, Row, Table, all_tables
from benchmark.cli.terminal import show_table

EVIL = r"<script>alert(1)</script>_%&#${}~^\|*`"


def evil_table():
    columns = (Column(EVIL, "a_b", "0.2 → 0.2"), Column("x", "a_b"), Column("y", "c&d"))
    rows = (Row(EVIL, (Cell(EVIL, "best"), Cell("1 ± 2", "close"), Cell("†‡×"))), Row("b", (Cell("1"),) * 3, rule=True))
    return Table("evil", "headline", EVIL, f"{EVIL} 5 %", "method", columns, rows, "rates")


def body_rows(text):
    inside = text[text.index(r"\toprule") : text.index(r"\bottomrule")]
    return [line for line in inside.splitlines() if line.endswith(r"\\")]


def columns_of(line):
    bare = re.sub(r"\\[&%$#_{}]", "", line.removesuffix(r"\\"))
    spans = [int(width) - 1 for width in re.findall(r"\\multicolumn\{(\d+)\}", bare)]
    return bare.count("&") + 1 + sum(spans)


def depth(text):
    level = 0
    for sign in re.sub(r"\\[{}\\]", "", text):
        level += {"{": 1, "}": -1}.get(sign, 0)
        assert level >= 0
    return level


def check(table):
    text = latex(table)
    assert depth(text) == 0
    assert {columns_of(line) for line in body_rows(text)} == {len(table.columns) + 1}
    bare = re.sub(r"\\.", "", text.replace(r">{\raggedright\arraybackslash}", ""))
    assert not re.search(r"[%#~|<>]", bare), "an unescaped special"
    for line in text.splitlines():
        if not line.endswith(r"\\"):
            assert "&" not in re.sub(r"\\&", "", line)
        assert line.replace(r"\$", "").count("$") % 2 == 0
    assert not re.search(r"(?<!\\)_", text), "an unescaped underscore"


def test_latex_parses_whatever_the_names_are():
    check(evil_table())


def test_every_table_of_a_real_report_parses_as_latex(factory, result_set_of):
    factory.networks = {"co_teaching": 2}
    names = ["cross_entropy", "co_teaching", "rated", "rated[rate=oracle]", EVIL]
    records = factory.grid(names, ["clean()", "symmetric(0.4)"], [1, 2], ["trec", "a_g&news"])
    records.append(factory.record("gce", status="failed"))
    tables = all_tables(result_set_of(records))
    assert len(tables) > 8
    for table in tables:
        check(table)


def test_pdflatex_sets_a_file_of_many_tables_with_any_name(tmp_path):
    assert "Output written" in pdflatex(tmp_path, "a4paper", [evil_table()] * 60)


@pytest.mark.parametrize("page", ["a4paper", "a4paper,twocolumn"])
def test_no_table_is_wider_than_its_column_on_paper(tmp_path, page):
    columns = tuple(Column(f"asymmetric(0.{place})", "20news") for place in range(14))
    table = Table("wide", "headline", "Wide", "", "method", columns, (Row("m", (Cell("12.3 ± 4.5"),) * 14),))
    assert "Overfull" not in pdflatex(tmp_path, page, [table])


def test_a_column_of_words_wraps_and_stands_flush_left_in_every_format():
    cells = (Cell("one, two, three, four, five, six, seven, eight"), Cell("1"))
    table = Table("w", "headline", "Words", "", "m", (Column("who"), Column("n")), (Row("r", cells),))
    assert r"\begin{tabular}{l>{\raggedright\arraybackslash}p{0.45\linewidth}r}" in latex(table)
    assert re.search(r"\| -+ \| -+ \| -+: \|", markdown(table))
    written = io.StringIO()
    show_table(Console(file=written, width=40, force_terminal=True, color_system=None), table)
    assert max(map(len, written.getvalue().splitlines())) <= 40
    assert "eight" in written.getvalue()


def pdflatex(folder, page, tables):
    """What pdflatex says of a document of these tables and nothing else."""
    if not shutil.which("pdflatex") or not _has_style("adjustbox.sty"):
        pytest.skip("pdflatex with booktabs and adjustbox is not installed")
    text = latex_tables(tables)
    packages = text.splitlines()[0].removeprefix("% ")
    (folder / "tables.tex").write_text(text, encoding="utf-8")
    whole = rf"\documentclass[{page}]{{article}}{packages}\begin{{document}}\input{{tables}}\end{{document}}"
    (folder / "whole.tex").write_text(whole, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "whole.tex"]
    made = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert made.returncode == 0, made.stdout[-2000:]
    return made.stdout


def _has_style(name):
    return subprocess.run(["kpsewhich", name], capture_output=True, timeout=60).returncode == 0


def test_latex_escapes_a_backslash_only_once():
    assert escape(r"a\b") == r"a\textbackslash{}b"


def test_latex_spells_bold_and_underlined_cells():
    text = latex(evil_table())
    assert r"\textbf{" in text
    assert r"\underline{1 $\pm$ 2}" in text


def test_markdown_has_the_same_number_of_columns_in_every_line():
    parts = [part.splitlines() for part in markdown(evil_table()).split("\n\n") if part.startswith("|")]
    borders = [{len(re.findall(r"(?<!\\)\|", line)) for line in lines} for lines in parts]
    assert borders == [{4}, {3}]


def test_markdown_shows_names_as_they_are():
    text = markdown(evil_table())
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
    assert "cross_entropy" in markdown(Table("k", "cost", "cross_entropy", "", "m", (), ()))


def test_a_row_of_the_wrong_length_is_refused():
    with pytest.raises(ValueError, match=r"\b2 cells.*\b1 columns"):
        Table("k", "cost", "", "", "m", (Column("a"),), (Row("r", (Cell("1"), Cell("2"))),))
