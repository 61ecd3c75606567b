"""Labels that were made elsewhere: read as they are, found by id, and every fault of
the file named by its rows.
"""

import errno
import os
import re

import numpy as np
import pytest

from benchmark.contracts import BenchmarkError, Draws, NoiseInputs, noise_from
from benchmark.contracts.hashes import sha256_hex
from benchmark.experiment.choices import Choices
from benchmark.experiment.expansion import as_now, expand
from benchmark.experiment.grid import load_grid

NAMES = ("a", "b", "c")
TEXTS = ("one", "two", "three", "four")
IDS = ("t0", "t1", "t2", "t3")
HEADER = "split,id,noisy_label,noisy_label_name\n"
WHOLE = HEADER + "train,t0,0,a\ntrain,t1,1,b\ntrain,t2,,\ntrain,t3,2,c\n"


def file_with(folder, content, name="labels.csv"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def inputs_for(model, rows=(0, 1, 2, 3), split="train"):
    ids, texts = [IDS[row] for row in rows], [TEXTS[row] for row in rows]
    draws = Draws(("corpus", model.stream_name(), 1), split, ids)
    return NoiseInputs(np.full(len(ids), -1), 3, draws, texts=texts, label_names=NAMES)


def labels_from(folder, content, **where):
    model = noise_from(f"imported({file_with(folder, content)})")
    return model.corrupt(inputs_for(model, **where)).tolist()


def test_labels_are_found_by_id_in_any_order_and_an_empty_one_is_no_label(tmp_path):
    assert labels_from(tmp_path, WHOLE) == [0, 1, -1, 2]
    assert labels_from(tmp_path, WHOLE, rows=(3, 0)) == [2, 0]


def test_a_split_that_the_file_leaves_out_has_no_labels(tmp_path):
    assert labels_from(tmp_path, WHOLE, split="valid") == [-1] * 4


@pytest.mark.parametrize(
    "content",
    [
        "id,noisy_label_name\nt0,a\nt1,b\nt2,\nt3,c\n",
        "noisy_label,id\n0,t0\n1,t1\n-1,t2\n2,t3\n",
        "\ufeff" + WHOLE.replace("\n", "\r\n"),
        "id,noisy_label,clean_label\nt0,0,2\nt1,1,2\nt2,,2\nt3,2,2\n",
    ],
)
def test_names_or_numbers_are_enough_and_clean_labels_are_never_read(content, tmp_path):
    assert labels_from(tmp_path, content) == [0, 1, -1, 2]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (WHOLE.replace("3,2,c", "3,2,d"), r"Unknown class 'd'.*number from 0 to 2.*labels.csv, row 4"),
        ("id,noisy_label\nt0,0\nt1,3\nt2,3\nt3,0\n", r"Unknown class '3'.*rows 2, 3"),
        ("id,noisy_label\nt0,0\nt1,x\nt2,y\nt3,1.0\n", r"Unknown class 'x'.*So are 'y', '1.0'"),
        (WHOLE.replace("3,2,c", "3,1,c"), r"row 4: noisy_label and noisy_label_name are not the same class"),
        (WHOLE + "train,t0,0,a\n", r"twice: rows 1 and 5 \(train t0\)"),
        (WHOLE.replace("train,t1", "tain,t1"), r"Unknown split 'tain'. Did you mean 'train'.*row 2"),
        (WHOLE.replace("noisy_label_name", "noisy_label_nam"), "Unknown column of labels.csv: 'noisy_label_nam'"),
        (HEADER + "train,t0,0\n", "row 1: 4 cells are wanted"),
        (HEADER + "train,t0,0,a,b\n", "row 1: 4 cells are wanted"),
        ("id,split\nt0,train\n", "needs id or row, and noisy_label"),
        ("id,id,noisy_label\nt0,t0,1\n", "column id twice"),
        ("", "columns none"),
        (b"\xff\xfe", "not text in UTF-8"),
        ('id,noisy_label\n"t0"x,1\n', "no CSV file"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_rows(content, message, tmp_path):
    with pytest.raises(BenchmarkError, match=message):
        noise_from(f"imported({file_with(tmp_path, content)})").check(NAMES)


def test_missing_rows_and_other_texts_are_named(tmp_path):
    with pytest.raises(BenchmarkError, match=r"\b1 of 4 train.*'t2'"):
        labels_from(tmp_path, WHOLE.replace("train,t2,,\n", ""))
    hashed = "".join(f"t{i},0,{sha256_hex(text)}\n" for i, text in enumerate(TEXTS))
    assert labels_from(tmp_path, "id,noisy_label,text_sha256\n" + hashed) == [0] * 4
    with pytest.raises(BenchmarkError, match=r"row 2\b"):
        labels_from(tmp_path, "id,noisy_label,text_sha256\n" + hashed.replace(sha256_hex("two"), sha256_hex("2")))


def test_row_numbers_are_refused_until_the_file_has_ids(tmp_path):
    with pytest.raises(BenchmarkError, match="noise import"):
        labels_from(tmp_path, "row,noisy_label\n0,0\n1,1\n2,1\n3,1\n")


def test_a_missing_file_and_impossible_classes_are_errors(tmp_path):
    with pytest.raises(BenchmarkError, match=re.escape(os.strerror(errno.ENOENT))):
        noise_from("imported(nowhere.csv)").check(NAMES)
    with pytest.raises(BenchmarkError, match=r"held_out.* -1"):
        noise_from("imported(nowhere.csv,held_out=-1)")
    with pytest.raises(BenchmarkError, match=r"\b1 of 3\b"):
        noise_from(f"imported({file_with(tmp_path, WHOLE)},held_out=2)").check(NAMES)


def test_the_text_of_the_model_gives_it_back(tmp_path):
    for text in ("imported(a/b.csv)", "imported(a/b.csv,held_out=1)"):
        assert str(noise_from(text)) == text
        assert noise_from(text).holds_out_classes == ("held" in text)


def test_a_changed_file_makes_another_trial(tmp_path):
    path = file_with(tmp_path, "id,noisy_label\n0,0\n")
    axes = {"methods": ("cross_entropy",), "corpora": ("trec",), "encoders": ("scratch:tiny",), "seeds": (0,)}
    (before,) = expand(load_grid("demo"), Choices(**axes, noises=(f"imported({path})",)))
    file_with(tmp_path, "id,noisy_label\n0,1\n")
    assert as_now(before).id != before.id
    assert as_now(before).cell != before.cell
    file_with(tmp_path, "id,noisy_label\n0,6\n")
    with pytest.raises(BenchmarkError, match=r"'trec'.*'6'"):
        expand(load_grid("demo"), Choices(**axes, noises=(f"imported({path})",)))
