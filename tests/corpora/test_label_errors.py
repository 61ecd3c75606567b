"""Readers of test labels that workers looked at again."""

import io
import json
import tarfile

import pytest

from benchmark.contracts import BenchmarkError, UnknownNameError
from benchmark.corpora.readers import readers

LABELS = ("bad", "good")
REVIEWS = {"answers": "answers.json", "texts": "texts.jsonl", "stated": "stars"}
POSTS = {
    "archive": "posts.tar",
    "encoding": "utf-8",
    "answers": "answers.json",
    "places": "places.csv",
    "stated": "own",
}


def answer(row, stated, suggested, **votes):
    counted = {"given": 0, "guessed": 0, "neither": 0, "both": 0} | votes
    return {"id": row, "given_original_label": stated, "our_guessed_label": suggested, "mturk": counted} | {
        "given_original_label_name": stated,
        "our_guessed_label_name": suggested,
    }


@pytest.fixture
def reviews(tmp_path):
    def read(answers, texts=None):
        (tmp_path / "answers.json").write_text(json.dumps(answers))
        found = [{"id": row["id"], "text": f"text of {row['id']}"} for row in answers] if texts is None else texts
        (tmp_path / "texts.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in found))
        files = {name: tmp_path / name for name in ("answers.json", "texts.jsonl")}
        return readers["checked_reviews"].model_validate(REVIEWS).read_whole(files, LABELS)

    return read


@pytest.fixture
def posts(tmp_path):
    def read(answers, places):
        with tarfile.open(tmp_path / "posts.tar", "w") as archive:
            for name in ("train/bad/1", "train/good/2", "test/bad/3", "test/good/4"):
                member = tarfile.TarInfo(f"20news-bydate-{name}")
                member.size = len(b"Head\n\nText")
                archive.addfile(member, io.BytesIO(b"Head\n\nText"))
        (tmp_path / "answers.json").write_text(json.dumps(answers))
        (tmp_path / "places.csv").write_text("id,file\n" + "".join(f"{row},{file}\n" for row, file in places.items()))
        files = {name: tmp_path / name for name in ("posts.tar", "answers.json", "places.csv")}
        return readers["checked_newsgroups"].model_validate(POSTS).read(files, LABELS)

    return read


def test_the_clear_answer_is_the_trusted_label_of_a_review(reviews):
    found = reviews([answer("a", "bad", "good", guessed=3, given=2), answer("b", "good", "bad", given=4, both=1)])
    assert found.clean_labels.tolist() == [1, 1]
    assert found.given["stars"].tolist() == [0, 1]


@pytest.mark.parametrize("votes", [{"given": 2, "guessed": 2, "both": 1}, {"both": 5}, {"neither": 3, "guessed": 2}])
def test_a_review_without_a_clear_label_is_left_out(reviews, votes):
    found = reviews([answer("a", "bad", "good", **votes), answer("b", "good", "bad", given=5)])
    assert found.ids == ("b",)


def test_a_review_without_its_text_is_named(reviews):
    with pytest.raises(UnknownNameError, match=r"'a'.*answers\.json"):
        reviews([answer("a", "bad", "good", given=5)], texts=[{"id": "c", "text": "t"}])


def test_an_answer_that_names_no_class_is_named_with_those_that_are(reviews):
    with pytest.raises(UnknownNameError, match=r"'fine'.*good"):
        reviews([answer("a", "bad", "fine", guessed=5)])


@pytest.mark.parametrize("answers", [{"a": 1}, [{"id": "a"}], [1]])
def test_another_form_of_the_answers_is_an_error_that_names_the_file(reviews, answers):
    with pytest.raises(BenchmarkError, match=r"answers\.json"):
        reviews(answers, texts=[])


def test_only_a_clear_other_group_changes_the_label_of_a_post(posts):
    answers = [answer(7, "bad", "good", guessed=3), answer(8, "good", "bad", guessed=2, both=3)]
    found = posts(answers, {7: "20news-bydate-test/bad/3", 8: "20news-bydate-test/good/4"})
    assert found["test"].ids == ("bad/3", "good/4")
    assert found["test"].clean_labels.tolist() == [1, 1]
    assert found["test"].given["own"].tolist() == [0, 1]


def test_posts_that_nobody_looked_at_have_no_trusted_label(posts):
    found = posts([answer(7, "bad", "good", guessed=3)], {7: "20news-bydate-test/bad/3"})
    assert found["train"].clean_labels.tolist() == [-1, -1]
    assert found["train"].given["own"].tolist() == [0, 1]


@pytest.mark.parametrize("place", ["20news-bydate-train/bad/1", "20news-bydate-test/bad/9", "bad/3"])
def test_a_place_that_is_no_test_post_is_an_error_that_names_it(posts, place):
    with pytest.raises(BenchmarkError, match=r"bad/[139]"):
        posts([answer(7, "bad", "good", guessed=3)], {7: place})


def test_a_changed_post_without_a_place_is_named(posts):
    with pytest.raises(UnknownNameError, match="'7'"):
        posts([answer(7, "bad", "good", guessed=3)], {8: "20news-bydate-test/good/4"})
