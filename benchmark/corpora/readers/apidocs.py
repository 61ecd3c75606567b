"""The embedded corpus: docstrings of installed packages; the class is the package a
docstring comes from.
"""

from __future__ import annotations

import importlib.metadata
import json
import re
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np

from benchmark.contracts import BenchmarkError, uniform_by_id
from benchmark.contracts.hashes import sha256_hex
from benchmark.corpora.folders import write_to_cache
from benchmark.corpora.readers.base import RawSplit, Reader, readers
from benchmark.corpora.readers.docstrings import package_docstrings, package_folder
from benchmark.files.cache import cache_folder
from benchmark.files.durable import inside

Rows = list[tuple[str, str, str]]
"""(id, text, package) a row."""


@readers.register
class ApiDocs(Reader):
    """Docstrings of installed packages, names of the packages masked.

    `packages`: distribution by import name. `hidden`: words that name a package, masked
    inside other words too. `aliases`: short names, masked as whole words.
    `per_package`: most rows a class.
    """

    name: ClassVar[str] = "apidocs"
    packages: dict[str, str]
    hidden: tuple[str, ...]
    aliases: tuple[str, ...]
    mask: str
    per_package: int
    least_words: int
    most_words: int
    valid_share: float
    test_share: float

    def environment(self) -> dict[str, str]:
        """Versions of the packages, without the part that names a build."""
        return {
            distribution: importlib.metadata.version(distribution).partition("+")[0]
            for package, distribution in self.packages.items()
            if package not in self.missing_packages()
        }

    def missing_packages(self) -> tuple[str, ...]:
        """Packages of the card that are not installed."""
        return tuple(package for package in self.packages if package_folder(package) is None)

    def read(self, files: Mapping[str, Path], label_names: Sequence[str]) -> dict[str, RawSplit]:
        """The splits by a hash of the id, each sorted by id."""
        if set(label_names) != set(self.packages):
            raise BenchmarkError("apidocs: label_names and the packages of the reader must be the same.")
        rows = self._remembered()
        drawn = uniform_by_id([row for row, _, _ in rows], "apidocs", "split")
        bounds = np.searchsorted([self.test_share, self.test_share + self.valid_share], drawn, side="right")
        parts: dict[str, Rows] = {"train": [], "valid": [], "test": []}
        for row, part in zip(rows, bounds.tolist(), strict=True):
            parts[("test", "valid", "train")[part]].append(row)
        return {split: _raw(chosen, label_names) for split, chosen in parts.items()}

    def _remembered(self) -> Rows:
        key = json.dumps([self.version, self.model_dump(), self.environment(), sys.version_info[:2]], sort_keys=True)
        place = inside(cache_folder() / "apidocs", f"{sha256_hex(key, digits=16)}.json")
        try:
            total, _, text = place.read_text(encoding="utf-8").partition("\n")
            if total != sha256_hex(text):
                raise ValueError("not what was written")
            return [(row, text, package) for row, text, package in json.loads(text)]
        except (OSError, ValueError, TypeError):
            rows = self._collect()
        text = json.dumps(rows)
        write_to_cache(place, f"{sha256_hex(text)}\n{text}")
        return rows

    def _collect(self) -> Rows:
        owners: defaultdict[str, set[str]] = defaultdict(set)
        first: dict[str, tuple[str, str]] = {}
        for package in sorted(self.packages):
            found = package_docstrings(package, self.per_package, self.least_words, self.most_words)
            for name, docstring in sorted(found.items()):
                text = self._masked(docstring)
                owners[text.lower()].add(package)
                first.setdefault(text.lower(), (name, text))
        rows: Rows = []
        for key, (name, text) in first.items():
            if len(owners[key]) == 1:
                (package,) = owners[key]
                rows.append((_row_id(package, name, text), text, package))
        return sorted(rows)

    def _masked(self, text: str) -> str:
        inside = "|".join(map(re.escape, sorted(self.hidden, key=len, reverse=True)))
        whole = "|".join(map(re.escape, self.aliases))
        pattern = rf"{inside}|(?<![A-Za-z0-9])(?:{whole})(?![A-Za-z0-9])"
        return re.sub(pattern, self.mask, text, flags=re.IGNORECASE)


def _row_id(package: str, name: str, text: str) -> str:
    return sha256_hex("\x1f".join((package, name, text)), digits=16)


def _raw(rows: Rows, label_names: Sequence[str]) -> RawSplit:
    return RawSplit(
        ids=tuple(row for row, _, _ in rows),
        texts=tuple(text for _, text, _ in rows),
        clean_labels=np.array([label_names.index(package) for _, _, package in rows], dtype=np.int64),
    )
