"""`data show` and `noise show` on a table of one's own, and the options that say how it
is written.
"""

import json

import pytest

from benchmark.corpora import catalogue

KINDS = ("delivery", "refund")
COLUMNS = ("--text-column", "text", "--label-column", "label")


@pytest.fixture(autouse=True)
def own_cards(monkeypatch):
    monkeypatch.setattr(catalogue, "_own", {})


@pytest.fixture
def tickets(tmp_path):
    """Sixty rows with semicolons in Latin-1: a bad row, a code, a repeated text and a
    contradiction.
    """
    rows = [f"Über {KINDS[n % 2]} {n};{KINDS[n % 2]};{KINDS[n % 2]}" for n in range(56)]
    rows += ["Über delivery 0;delivery;", "ÜBER refund 1;delivery;", "nichts;none;", ";refund;"]
    path = tmp_path / "tickets.csv"
    path.write_bytes("\n".join(["text;label;checked", *rows]).encode("cp1252"))
    return path


def test_data_show_counts_what_a_table_holds(command, tickets):
    ended = command("data", "show", tickets, *COLUMNS, "--clean-column", "checked", "--json")
    assert ended.code == 0, ended.err
    found = json.loads(ended.out)
    (train,) = found["splits"]
    assert {name: train[name] for name in ("rows", "used", "unlabelled", "checked", "repeated", "contradicting")} == {
        "rows": 60,
        "used": 59,
        "unlabelled": 1,
        "checked": 56,
        "repeated": 2,
        "contradicting": 1,
    }
    assert {it["name"]: it["rows"] for it in train["classes"]} == {"delivery": 30, "refund": 28}
    assert train["scripts"] == {"Latin": 1.0}
    assert any("row 60" in line for line in found["bad_rows"])
    said = " ".join(found["remarks"])
    assert all(word in said for word in ("cp1252", "semicolon", "'none'", "points"))


def test_data_show_says_it_in_words(command, tickets):
    said = " ".join(command("data", "show", tickets, *COLUMNS).out.split())
    assert all(word in said for word in ("60 rows", "delivery 30", "row 60", "--skip-bad-rows", "Latin"))


@pytest.mark.parametrize("words", [("data", "show"), ("noise", "show", "symmetric(0.2)", "--data")])
def test_a_name_of_many_letters_takes_no_screen(command, tmp_path, words):
    rows = [f"about {KINDS[n % 2]} {n},{KINDS[n % 2]}{'x' * 9_000}" for n in range(60)]
    (tmp_path / "long.csv").write_text("\n".join(["text,label", *rows]), encoding="utf-8")
    column = "--label-column" if words[0] == "data" else "--clean-column"
    ended = command(*words, tmp_path / "long.csv", "--text-column", "text", column, "label")
    assert ended.code == 0, ended.err
    assert len(ended.out) < 9_000


def test_classes_that_are_numbers_stand_in_quotes(command, tmp_path):
    rows = [f"about {KINDS[n % 2]} {n},{n % 3}" for n in range(60)]
    (tmp_path / "stars.csv").write_text("\n".join(["text,label", *rows]), encoding="utf-8")
    shown = command("data", "show", tmp_path / "stars.csv", "--text-column", "text", "--label-column", "label").out
    assert "'0' 20 (33.3%), '1' 20" in " ".join(shown.split())


def test_data_show_counts_a_table_of_several_files(command, tmp_path):
    for name, first in (("a.csv", 0), ("b.csv", 20)):
        rows = [f"about {KINDS[n % 2]} {n},{KINDS[n % 2]}" for n in range(first, first + 20)]
        (tmp_path / name).write_text("\n".join(["text,label", *rows]), encoding="utf-8")
    ended = command("data", "show", tmp_path / "a.csv", tmp_path / "b.csv", *COLUMNS, "--json")
    assert ended.code == 0, ended.err
    (train,) = json.loads(ended.out)["splits"]
    assert (train["rows"], train["files"]) == (40, ["a.csv", "b.csv"])


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        ([f"about {n},same" for n in range(30)], "1 class"),
        ([f"one text,{KINDS[n % 2]}" for n in range(30)], "--test-data"),
        ([], "rows.csv"),
    ],
)
def test_data_show_says_what_a_run_refuses(command, tmp_path, rows, named):
    (tmp_path / "rows.csv").write_text("\n".join(["text,label", *rows]), encoding="utf-8")
    ended = command("data", "show", tmp_path / "rows.csv", *COLUMNS)
    assert ended.code == 0, ended.err
    assert named in " ".join(ended.out.split()).partition("A run refuses")[2]


def test_rows_of_several_annotators_are_all_used_and_their_texts_are_counted(command, tmp_path):
    rows = [f"about {KINDS[n % 2]} {n},{who},{KINDS[n % 2]}" for n in range(20) for who in ("anna", "bert")]
    (tmp_path / "votes.csv").write_text("\n".join(["text,who,label", *rows]), encoding="utf-8")
    ended = command("data", "show", tmp_path / "votes.csv", *COLUMNS, "--annotator-column", "who")
    assert "40 rows, all used, of 20 texts" in " ".join(ended.out.split())


def test_data_show_names_the_columns_where_none_is_named(command, tickets):
    ended = command("data", "show", tickets)
    assert ended.code == 0, ended.err
    assert "text, label, checked" in ended.out


def test_data_show_says_how_many_texts_are_cut(command, tmp_path):
    rows = [f"{'the same words again ' * 40}{n},{KINDS[n % 2]}" for n in range(20)]
    rows += [f"short {n},{KINDS[n % 2]}" for n in range(20)]
    (tmp_path / "mine.csv").write_text("\n".join(["text,label", *rows]))
    said = " ".join(command("data", "show", tmp_path / "mine.csv", *COLUMNS).out.split())
    assert "20 of 40 texts are longer than 128 tokens" in said
    assert "20 of them are then equal" in said


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("data", "show", "trek"), "Did you mean 'trec'"),
        (("data", "show", "nowhere.csv"), "no file nowhere.csv"),
        (("noise", "show", "clean()"), "--data"),
        (("noise", "show", "clean()", "--corpus", "trec", "--data", "mine.csv", *COLUMNS), "Name one corpus"),
    ],
)
def test_what_cannot_be_shown_is_refused(refused, words, message):
    assert message in refused(*words)


def test_noise_show_takes_a_table_of_ones_own(command, tickets):
    files = ("--data", tickets, "--text-column", "text", "--clean-column", "checked", "--skip-bad-rows")
    ended = command("noise", "show", "symmetric(0.4)", *files, "--json")
    assert ended.code == 0, ended.err
    assert json.loads(ended.out)["manifest"]["requested_rate"] == 0.4


def test_options_say_how_a_table_is_written(command, tmp_path):
    rows = [f"Kůň číslo {n}~{KINDS[n % 2].upper() if n % 3 else KINDS[n % 2]}" for n in range(60)]
    (tmp_path / "mine.txt").write_bytes("\n".join(["text~label", *rows]).encode("cp1250"))
    given = ("--separator", "~", "--encoding", "cp1250", "--fold-case")
    ended = command("data", "show", tmp_path / "mine.txt", *COLUMNS, *given, "--json")
    assert ended.code == 0, ended.err
    assert len(json.loads(ended.out)["splits"][0]["classes"]) == 2
