import pytest

from benchmark.contracts import BenchmarkError
from benchmark.corpora.tables.decoding import find_encoding
from benchmark.corpora.tables.reading import read_table
from benchmark.corpora.tables.sniffing import sniff

WESTERN = "text,label\ncafé déjà vu — naïve,good\nsüß und groß,bad\n"


def rows_of(path, **options):
    found = sniff(path, ("text", "label"), **options)
    return [row.cells for row in read_table(path, found.layout)], " ".join(found.remarks)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_an_encoding_is_found_and_said(tmp_path, encoding):
    path = tmp_path / "mine.csv"
    path.write_bytes(WESTERN.encode(encoding))
    rows, said = rows_of(path)
    assert rows[0] == {"text": "café déjà vu — naïve", "label": "good"}
    assert encoding in said
    assert "café" in said


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_utf_8_is_not_said(tmp_path, encoding):
    path = tmp_path / "mine.csv"
    path.write_bytes(WESTERN.encode(encoding))
    rows, said = rows_of(path)
    assert rows[1] == {"text": "süß und groß", "label": "bad"}
    assert said == ""


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1251", "отличный фильм, мне очень понравилось; плохой сервис и долгое ожидание заказа"),
        ("shift_jis", "映画はとても良かったです。サービスはあまり良くありませんでした。"),
        ("latin-1", "le café était fermé à midi, mais le dîner a été très bon"),
    ],
)
def test_other_scripts_are_told_by_their_letters(tmp_path, encoding, text):
    content = text.encode(encoding)
    assert content.decode(find_encoding(content, tmp_path)) == text


def test_an_encoding_that_is_named_is_taken(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_bytes("text,label\nžluťoučký kůň,good\n".encode("cp1250"))
    assert rows_of(path, encoding="cp1250")[0][0]["text"] == "žluťoučký kůň"


def test_an_unknown_encoding_is_refused(tmp_path):
    (tmp_path / "mine.csv").write_text("text,label\n")
    with pytest.raises(BenchmarkError, match="--encoding is 'utf8000'"):
        sniff(tmp_path / "mine.csv", encoding="utf8000")


def test_lines_of_two_encodings_are_named(tmp_path):
    lines = [b"text,label\n", *(f"tëxt {n},good\n".encode("cp1252" if n == 3 else "utf-8") for n in range(9))]
    (tmp_path / "mine.csv").write_bytes(b"".join(lines))
    with pytest.raises(BenchmarkError, match=r"line 5\."):
        sniff(tmp_path / "mine.csv")
