"""The contract of a reader, and how a card's source names one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, ValidationError

from benchmark.contracts import BenchmarkError, LabelArray, Registry, UnknownNameError
from benchmark.corpora.card import Source


@dataclass(frozen=True)
class RawSplit:
    """One split as its files have it.

    `ids`: unique, the same whatever the order of rows. `clean_labels`: int64 (N,).
    `votes`: int64 (N, V), -1 is no vote. `given`: noisy labels by name, int64 (N,), -1
    is no label. `groups`: int64 (N,), equal for rows whose text an encoder sees alike,
    or None where nobody compared them.
    """

    ids: tuple[str, ...]
    texts: tuple[str, ...]
    clean_labels: LabelArray
    votes: LabelArray | None = None
    given: Mapping[str, LabelArray] = field(default_factory=dict)
    groups: LabelArray | None = None

    def with_groups(self, groups: LabelArray) -> RawSplit:
        """The same rows with the groups of their texts."""
        return replace(self, groups=groups)


class Reader(BaseModel, ABC):
    """A file format; the fields are the options that a card may set."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: ClassVar[str]
    version: ClassVar[int] = 1

    @abstractmethod
    def read(self, files: Mapping[str, Path], label_names: Sequence[str]) -> dict[str, RawSplit]:
        """The splits by name, from the source's files by name."""

    def environment(self) -> dict[str, str]:
        """Versions of installed packages that decide what is read."""
        return {}

    def missing_packages(self) -> tuple[str, ...]:
        """Packages that reading needs and that are not installed."""
        return ()


readers: Registry[Reader] = Registry("reader", "benchmark.corpora.readers")


def reader_of(source: Source) -> Reader:
    """The reader that a source names, with its options; an unknown option is named."""
    kind = readers[source.reader]
    try:
        return kind.model_validate(source.options)
    except ValidationError as error:
        problems = error.errors(include_url=False)
    for problem in problems:
        if problem["type"] == "extra_forbidden" and len(problem["loc"]) == 1:
            raise UnknownNameError(f"option of reader {source.reader}:", str(problem["loc"][0]), kind.model_fields)
    lines = "; ".join(f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in problems)
    raise BenchmarkError(f"Options of reader {source.reader} are not valid: {lines}. Correct the card.")


def file_of(files: Mapping[str, Path], name: str) -> Path:
    """The path of a file that an option names.

    A name that the source does not list is an error.
    """
    if name not in files:
        raise UnknownNameError("file of the source", name, files)
    return files[name]
