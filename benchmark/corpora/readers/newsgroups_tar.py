"""The 20 newsgroups archive: one file a post, in a folder a group, in a folder a
split.
"""

from __future__ import annotations

import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import ClassVar, Literal

import numpy as np

from benchmark.contracts import BenchmarkError, UnknownNameError
from benchmark.corpora.readers.base import RawSplit, Reader, file_of, readers

FOLDERS = {"20news-bydate-train": "train", "20news-bydate-test": "test"}


@readers.register
class NewsgroupsTar(Reader):
    """Posts in a tar archive, however compressed. `encoding`: of the posts' bytes."""

    name: ClassVar[str] = "newsgroups_tar"
    archive: str
    encoding: Literal["utf-8", "latin-1"]

    def read(self, files: Mapping[str, Path], label_names: Sequence[str]) -> dict[str, RawSplit]:
        """The splits; an id is `group/number`, rows are sorted by it."""
        classes = {name: label for label, name in enumerate(label_names)}
        posts: dict[str, list[tuple[str, str, int]]] = {split: [] for split in FOLDERS.values()}
        path = file_of(files, self.archive)
        try:
            with tarfile.open(path) as archive:
                for member in archive:
                    stream = archive.extractfile(member) if member.isfile() else None
                    if stream is None:
                        continue
                    folder, group, number = PurePosixPath(member.name).parts[-3:]
                    if group not in classes:
                        raise UnknownNameError("newsgroup", group, classes)
                    text = stream.read().decode(self.encoding)
                    posts[FOLDERS[folder]].append((f"{group}/{number}", text, classes[group]))
        except (tarfile.TarError, EOFError, OSError, ValueError, KeyError) as error:
            raise BenchmarkError(f"{path} is not the 20 newsgroups archive: {error!r}.") from None
        return {split: _raw(sorted(rows)) for split, rows in posts.items()}


def _raw(rows: Sequence[tuple[str, str, int]]) -> RawSplit:
    return RawSplit(
        ids=tuple(row for row, _, _ in rows),
        texts=tuple(text for _, text, _ in rows),
        clean_labels=np.array([label for _, _, label in rows], dtype=np.int64),
    )
