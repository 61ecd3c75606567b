"""Tables as common programs export them; every file here was made for the test."""

import json
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmark.contracts import BenchmarkError, UnknownNameError
from benchmark.corpora import catalogue, load_corpus
from benchmark.corpora.own import OwnData, add_own_data, own_remarks
from benchmark.corpora.own_tables.examination import read_whole

TEXTS = [f"Grüße „{n}“ — naïve, café; 100 €" for n in range(30)]
LABELS = ["lob", "kritik"] * 15
GIVEN = dict(zip(TEXTS, LABELS, strict=True))


@pytest.fixture(autouse=True)
def own_cards(monkeypatch):
    monkeypatch.setattr(catalogue, "_own", {})


def quoted(rows, separator, end="\r\n"):
    return "".join(separator.join('"' + str(cell).replace('"', '""') + '"' for cell in row) + end for row in rows)


def found(path, text=("text",), label="label", **options):
    """The label of each text, as it is read."""
    corpus = load_corpus(add_own_data(OwnData(path, text, label, **options)))
    return {
        text: corpus.label_names[label] if label >= 0 else None
        for split in corpus.splits.values()
        for text, label in zip(split.texts, split.observed["given"].tolist(), strict=True)
    }


def write(tmp_path, name, content, encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(content.encode(encoding))
    return path


def test_excel_where_a_comma_is_decimal(tmp_path):
    rows = [("text", "label", "sicherheit"), *((text, label, "0,95") for text, label in GIVEN.items())]
    path = write(tmp_path, "mappe.csv", "".join(f'"{t}";{label};{s}\r\n' for t, label, s in rows), "cp1252")
    assert found(path) == GIVEN


def test_excel_where_a_comma_is_decimal_and_labels_are_numbers(tmp_path):
    rows = "".join(f'"{text}";{n % 2},0\r\n' for n, text in enumerate(TEXTS))
    path = write(tmp_path, "mappe.csv", f"text;label\r\n{rows}", "cp1252")
    assert found(path) == {text: str(n % 2) for n, text in enumerate(TEXTS)}


def test_unicode_text_of_excel(tmp_path):
    content = "text\tlabel\r\n" + "".join(f'"{text}"\t{label}\r\n' for text, label in GIVEN.items())
    assert found(write(tmp_path, "mappe.txt", content, "utf-16")) == GIVEN


def test_libreoffice_with_every_cell_quoted_and_empty_columns(tmp_path):
    rows = [("text", "label", "", ""), *((text, label, "", "") for text, label in GIVEN.items())]
    assert found(write(tmp_path, "tabelle.csv", quoted(rows, ";", "\n"))) == GIVEN


def test_a_sheet_of_libreoffice(tmp_path):
    pytest.importorskip("python_calamine", reason="spreadsheets are read by python-calamine")
    names = {
        "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
        "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
        "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    }
    cells = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    rows = "".join(
        f"<table:table-row>{cells.format(text)}{cells.format(label)}</table:table-row>"
        for text, label in [("text", "label"), *GIVEN.items()]
    )
    spaces = " ".join(f'xmlns:{name}="{address}"' for name, address in names.items())
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces} office:version="1.2"><office:body>'
        f'<office:spreadsheet><table:table table:name="Tabelle1">{rows}</table:table></office:spreadsheet>'
        "</office:body></office:document-content>"
    )
    mimetype = "application/vnd.oasis.opendocument.spreadsheet"
    with zipfile.ZipFile(tmp_path / "tabelle.ods", "w") as book:
        book.writestr("mimetype", mimetype)
        book.writestr("content.xml", content)
        address = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
        entry = f'<m:file-entry m:full-path="/" m:media-type="{mimetype}"/>'
        book.writestr("META-INF/manifest.xml", f'<m:manifest xmlns:m="{address}">{entry}</m:manifest>')
    assert found(tmp_path / "tabelle.ods") == GIVEN


def test_google_sheets_with_check_boxes_and_line_breaks(tmp_path):
    lines = [f"{text}\nsecond line" for text in TEXTS]
    rows = [("text", "done"), *((text, "TRUE" if n % 2 else "FALSE") for n, text in enumerate(lines))]
    path = write(tmp_path, "Sheet - Responses (1).csv", quoted(rows, ","))
    assert found(path, label="done") == {text: "TRUE" if n % 2 else "FALSE" for n, text in enumerate(lines)}


def test_label_studio(tmp_path):
    tasks = [
        {
            "id": n,
            "data": {"text": text},
            "annotations": [{"result": [{"value": {"choices": [GIVEN[text]]}, "type": "choices"}]}],
        }
        for n, text in enumerate(TEXTS)
    ]
    tasks[4]["annotations"] = []
    path = write(tmp_path, "project-1.json", json.dumps(tasks, indent=1))
    labels = found(path, ("data.text",), "annotations.0.result.0.value.choices")
    assert labels == {**GIVEN, TEXTS[4]: None}


def test_prodigy(tmp_path):
    tasks = [
        {"text": text, "_task_hash": n, "accept": [GIVEN[text]], "answer": "accept"} for n, text in enumerate(TEXTS)
    ]
    tasks[4] |= {"accept": [], "answer": "ignore"}
    path = write(tmp_path, "answers.jsonl", "".join(json.dumps(task) + "\n" for task in tasks))
    assert found(path, label="accept") == {**GIVEN, TEXTS[4]: None}


def test_argilla_with_two_annotators(tmp_path):
    records = [
        {
            "text": text,
            "label.responses": [GIVEN[text]] * (1 + n % 2),
            "label.responses.users": ["a", "b"][: 1 + n % 2],
            "label.suggestion": "lob",
        }
        for n, text in enumerate(TEXTS)
    ]
    path = write(tmp_path, "records.json", json.dumps(records))
    assert found(path, label=("label.responses.0", "label.responses.1")) == GIVEN
    assert found(path, label="label.suggestion", clean_column="label.responses.0") == dict.fromkeys(TEXTS, "lob")


def test_doccano(tmp_path):
    lines = [{"id": n, "text": text, "label": [GIVEN[text]], "Comments": []} for n, text in enumerate(TEXTS)]
    lines[4]["label"] = []
    path = write(tmp_path, "admin.jsonl", "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    assert found(path) == {**GIVEN, TEXTS[4]: None}


def test_texts_and_annotations_in_two_files(tmp_path):
    texts = "".join(f"doc-{n:03}\t{text}\n" for n, text in enumerate(TEXTS))
    labels = "".join(f"T{n}\tdoc-{n:03}\t{GIVEN[text]}\n" for n, text in enumerate(TEXTS))
    path = write(tmp_path, "documents.tsv", f"document\ttext\n{texts}")
    other = write(tmp_path, "annotations.tsv", f"id\tof\tlabel\n{labels}")
    assert found(path, label_data=(other,), id_columns=("document", "of")) == GIVEN


def test_a_dump_of_a_database(tmp_path):
    texts = [f'{text}\tC:\\new "quoted"\nsecond line' for text in TEXTS]
    escaped = [text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\\n") for text in texts]
    rows = [f"{n}\t{text}\t{LABELS[n] if n != 4 else chr(92) + 'N'}" for n, text in enumerate(escaped)]
    path = write(tmp_path, "tickets.txt", "\n".join(rows) + "\n")
    wanted = {text: LABELS[n] if n != 4 else None for n, text in enumerate(texts)}
    assert found(path, ("1",), "2") == wanted


def test_pandas_with_its_index(tmp_path):
    rows = "".join(f'{n},"{text}",{n % 2}.0\n' for n, text in enumerate(TEXTS[:-1]))
    path = write(tmp_path, "frame.csv", f',text,label\n{rows}29,"{TEXTS[-1]}",\n')
    assert found(path) == {**{text: str(n % 2) for n, text in enumerate(TEXTS)}, TEXTS[-1]: None}


def test_r_with_row_names_and_missing_values(tmp_path):
    rows = "".join(
        f'"{n + 1}","{text}",{"NA" if n == 4 else chr(34) + LABELS[n] + chr(34)}\n' for n, text in enumerate(TEXTS)
    )
    path = write(tmp_path, "frame.csv", f'"","text","label"\n{rows}')
    assert found(path) == {**GIVEN, TEXTS[4]: None}


def test_a_first_row_that_looks_like_a_header_is_data_where_that_is_said(tmp_path):
    (tmp_path / "t.csv").write_text("text,label\nwhere is it,label\nwhen is it,other\n", encoding="utf-8")
    own = OwnData(tmp_path / "t.csv", ("0",), ("1",), no_header=True)
    assert read_whole(own).gathered["train"].texts == ["text", "where is it", "when is it"]


def test_a_file_whose_rows_name_their_cells_has_no_header_to_deny(tmp_path):
    (tmp_path / "t.jsonl").write_text('{"text": "a", "label": "b"}\n', encoding="utf-8")
    with pytest.raises(BenchmarkError, match="--no-header"):
        read_whole(OwnData(tmp_path / "t.jsonl", ("text",), ("label",), no_header=True))


def test_without_a_header_columns_have_numbers_alone(tmp_path):
    (tmp_path / "t.csv").write_text("text,label\na,b\n", encoding="utf-8")
    with pytest.raises(UnknownNameError, match="'text'"):
        read_whole(OwnData(tmp_path / "t.csv", ("text",), ("1",), no_header=True))


def test_spellings_of_a_class_that_look_alike_are_told_apart_by_their_letters(tmp_path):
    names = ("gru\u0308n", "gr\u00fcn", "rot")
    rows = "".join(f'"{text}",{names[n % 3]}\n' for n, text in enumerate(TEXTS))
    name = add_own_data(OwnData(write(tmp_path, "mappe.csv", f"text,label\n{rows}"), ("text",), "label"))
    assert load_corpus(name).label_names == ("gr\u00fcn", "rot")
    assert any("U+0075 U+0308" in remark for remark in own_remarks(name))


def test_the_example_of_an_encoding_is_one_word(tmp_path):
    content = "text;label\n" + "".join(f"{n} José;lob\nJosé {n};kritik\n" for n in range(20))
    name = add_own_data(OwnData(write(tmp_path, "mappe.csv", content, "cp1252"), ("text",), "label"))
    assert any("(as in 'José';" in remark for remark in own_remarks(name))


def test_a_list_of_one_label_is_that_label_however_often_it_stands_there(tmp_path):
    rows = [{"text": text, "label": [GIVEN[text]] * (1 + n % 2)} for n, text in enumerate(TEXTS)]
    assert found(write(tmp_path, "lists.json", json.dumps(rows))) == GIVEN


def test_qualtrics_with_questions_and_ids_below_the_names(tmp_path):
    rows = [
        ("StartDate", "Q1", "Q2"),
        ("Start Date", "Please describe\nyour problem", "Kind?"),
        ('{"ImportId":"startDate"}', '{"ImportId":"QID1_TEXT"}', '{"ImportId":"QID2"}'),
        *(("2024-01-01", text, label) for text, label in GIVEN.items()),
    ]
    path = write(tmp_path, "survey.csv", quoted(rows, ","))
    assert found(path, ("Q1",), "Q2") == GIVEN
    assert any("header" in remark and "row 1, 2" in remark for remark in own_remarks("survey"))


def test_surveymonkey_with_kinds_of_answers_below_the_names(tmp_path):
    head = [
        ("Respondent ID", "Describe", "Kind", ""),
        ("", "Open-Ended Response", "Response", "Other (please specify)"),
    ]
    path = write(tmp_path, "survey.csv", quoted([*head, *((7, *row, "") for row in GIVEN.items())], ","))
    assert found(path, ("Describe",), "Kind") == GIVEN


def test_a_first_row_of_plain_words_is_no_second_header(tmp_path):
    rows = [("id", "text", "label"), ("", "Response", "lob"), *(("1", *row) for row in GIVEN.items())]
    rows[1:2] = [("0", "Response", "lob"), ("2", "{}", "kritik")]
    assert found(write(tmp_path, "t.csv", quoted(rows, ","))) == {"Response": "lob", "{}": "kritik", **GIVEN}


def remarks(tmp_path, rows):
    path = write(tmp_path, "t.csv", quoted([("text", "label"), *rows], ","))
    return " ".join(own_remarks(add_own_data(OwnData(path, ("text",), "label"))))


def test_texts_of_zendesk_that_are_pages_are_said(tmp_path):
    said = remarks(tmp_path, [(f'<div class="zd">{text}&nbsp;</div>', label) for text, label in GIVEN.items()])
    assert """30 of 30 texts hold HTML (as in '<div class="zd">')""" in said


def test_signs_of_comparison_are_no_page(tmp_path):
    assert "HTML" not in remarks(tmp_path, [(f"{text} 1 < 2 > x <3 a&b", label) for text, label in GIVEN.items()])


def test_classes_of_airtable_that_list_another_are_said(tmp_path):
    rows = [(text, label + ",eilig" * (n < 4)) for n, (text, label) in enumerate(GIVEN.items())]
    said = remarks(tmp_path, rows)
    assert "'kritik,eilig', 'lob,eilig'" in said
    assert "list" not in remarks(tmp_path, [(text, f"{label}, mild") for text, label in GIVEN.items()])


@pytest.mark.parametrize("end", ["parquet", "arrow"])
def test_datasets_of_hugging_face_say_what_the_numbers_of_classes_stand_for(tmp_path, end):
    classes = {"names": ["kritik", "lob"], "_type": "ClassLabel"}
    written = json.dumps({"info": {"features": {"text": {"dtype": "string"}, "label": classes}}})
    table = pa.table({"text": TEXTS, "label": [classes["names"].index(label) for label in LABELS]})
    table, path = table.replace_schema_metadata({"huggingface": written}), tmp_path / f"hub.{end}"
    if end == "parquet":
        pq.write_table(table, path)
    else:
        with pa.ipc.new_stream(path, table.schema) as stream:
            stream.write_table(table)
    assert set(found(path).values()) == {"0", "1"}
    assert "hub." + end + ": column 'label' holds the numbers of classes: 0 is kritik, 1 is lob." in own_remarks("hub")
