"""Labels of test sets that five workers looked at again, each against one other
class.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from benchmark.contracts import UNLABELLED, BenchmarkError, UnknownNameError
from benchmark.corpora.readers.base import RawSplit, Reader, file_of, readers
from benchmark.corpora.readers.newsgroups_tar import FOLDERS, NewsgroupsTar
from benchmark.corpora.readers.rows import read_rows
from benchmark.corpora.readers.splitting import split_by_hash

FEWEST_VOTES = 3
"""Of five: what a clear answer needs."""

STATED, SUGGESTED = "given", "guessed"

Share = Annotated[float, Field(gt=0, lt=1)]


def clear_answer(votes: Mapping[str, int]) -> str:
    """The answer that three or more of the five workers gave; empty if there is none.

    >>> clear_answer({"given": 1, "guessed": 3, "both": 1})
    'guessed'
    """
    return next((answer for answer, number in votes.items() if number >= FEWEST_VOTES), "")


@readers.register
class CheckedReviews(Reader):
    """Texts whose stated label, or the other one, is clear to the workers.

    `answers`: a JSON list with the stated label, the suggested one and the votes.
    `texts`: JSON lines of `id` and `text`. The trusted label is the clear answer. The
    stated label is the noisy one, named `stated`. A text without a clear answer for one
    of the two labels is left out. Splits are made by a hash of the text.
    """

    name: ClassVar[str] = "checked_reviews"
    answers: str
    texts: str
    stated: str
    valid_share: Share = 0.1
    test_share: Share = 0.2

    def read(self, files: Mapping[str, Path], label_names: Sequence[str]) -> dict[str, RawSplit]:
        """The splits, each in the order of the answers."""
        whole = self.read_whole(files, label_names)
        return split_by_hash(whole, whole.texts, {"test": self.test_share, "valid": self.valid_share})

    def read_whole(self, files: Mapping[str, Path], label_names: Sequence[str]) -> RawSplit:
        """All texts with a clear answer, before they are split."""
        places = {name: label for label, name in enumerate(label_names)}
        path = file_of(files, self.answers)
        texts = {row["id"]: row["text"] for row in read_rows(file_of(files, self.texts), "jsonl", "utf-8")}
        rows = [row for row in _answers(path) if clear_answer(row["mturk"]) in (STATED, SUGGESTED)]
        if unknown := [row["id"] for row in rows if row["id"] not in texts]:
            raise UnknownNameError("text", unknown[0], texts, f"{path} has votes for it.")
        stated = [_class(row["given_original_label"], places, path) for row in rows]
        trusted = [_class(_trusted(row, ""), places, path) for row in rows]
        return RawSplit(
            ids=tuple(row["id"] for row in rows),
            texts=tuple(texts[row["id"]] for row in rows),
            clean_labels=np.array(trusted, dtype=np.int64),
            given={self.stated: np.array(stated, dtype=np.int64)},
        )


@readers.register
class CheckedNewsgroups(NewsgroupsTar):
    """The 20 newsgroups archive whose test posts have a second label where it is clear.

    `answers`: a JSON list with the suggested group and the votes of each doubted post.
    `places`: a table of `id` and `file`, which says which post that is. The noisy label
    of every post is its group, named `stated`. The trusted label of a test post is the
    suggested group if the workers clearly chose it, else its group. Training posts were
    not looked at and have no trusted label.
    """

    name: ClassVar[str] = "checked_newsgroups"
    answers: str
    places: str
    stated: str

    def read(self, files: Mapping[str, Path], label_names: Sequence[str]) -> dict[str, RawSplit]:
        """The splits of the archive, with trusted labels for test alone."""
        splits = super().read(files, label_names)
        groups = {name: label for label, name in enumerate(label_names)}
        other = {post: _class(group, groups, post) for post, group in self.corrections(files).items()}
        rows = {post: row for row, post in enumerate(splits["test"].ids)}
        trusted = splits["test"].clean_labels.copy()
        for post, label in other.items():
            if post not in rows:
                raise UnknownNameError("post", post, rows, "The workers chose another group for it.")
            trusted[rows[post]] = label
        clean = {"train": np.full(len(splits["train"].ids), UNLABELLED, dtype=np.int64), "test": trusted}
        return {
            name: replace(split, clean_labels=clean[name], given={self.stated: split.clean_labels})
            for name, split in splits.items()
        }

    def corrections(self, files: Mapping[str, Path]) -> dict[str, str]:
        """The group that the workers clearly chose instead of a post's own, by post."""
        path = file_of(files, self.places)
        posts = {str(row["id"]): _post(row["file"], path) for row in read_rows(path, "csv", "utf-8")}
        answers = _answers(file_of(files, self.answers))
        chosen = [row for row in answers if clear_answer(row["mturk"]) == SUGGESTED]
        if unknown := [str(row["id"]) for row in chosen if str(row["id"]) not in posts]:
            raise UnknownNameError("post", unknown[0], posts, f"{path} does not say which file it is.")
        return {posts[str(row["id"])]: _trusted(row, "_name") for row in chosen}


def _trusted(row: Mapping[str, Any], suffix: str) -> str:
    suggested = clear_answer(row["mturk"]) == SUGGESTED
    return str(row[f"our_guessed_label{suffix}" if suggested else f"given_original_label{suffix}"])


def _answers(path: Path) -> list[dict[str, Any]]:
    needed = {"id", "given_original_label", "our_guessed_label", "mturk"}
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        if all(needed <= set(row) and set(row["mturk"]) >= {STATED, SUGGESTED} for row in rows):
            return list(rows)
    except (ValueError, TypeError, RecursionError) as error:
        raise BenchmarkError(f"{path} is not a JSON list of answers: {error}.") from None
    raise BenchmarkError(f"Every entry of {path} must have the keys {', '.join(sorted(needed))}.")


def _class(name: str, places: Mapping[str, int], where: Path | str) -> int:
    if name not in places:
        raise UnknownNameError("label", name, places, f"Found in {where}.")
    return places[name]


def _post(file: str, path: Path) -> str:
    """The id of a post from its place in the tree, as `group/number`."""
    parts = PurePosixPath(file).parts
    if len(parts) != 3 or FOLDERS.get(parts[0]) != "test":
        raise BenchmarkError(f"{path}: '{file}' must be a test post such as 20news-bydate-test/sci.space/61000.")
    return "/".join(parts[1:])
