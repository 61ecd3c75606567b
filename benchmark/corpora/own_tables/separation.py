"""A text occurs in one split only: rows whose text a later split has are left out."""

from __future__ import annotations

from benchmark.contracts import BenchmarkError
from benchmark.corpora.card import SplitName
from benchmark.corpora.own_tables.examination import Examination
from benchmark.corpora.own_tables.same_texts import same_text_groups, shared_rows

ORDER: tuple[SplitName, ...] = ("test", "valid", "train")


def separate_splits(found: Examination) -> None:
    """Leave rows out of train that validation or test have, and out of validation those
    that test has; find the rows of train that share a text.
    """
    splits = [split for split in ORDER if split in found.tables]
    texts = [text for split in splits for text in found.gathered[split].texts]
    groups = same_text_groups(texts, found.own.cuts)
    taken: dict[int, SplitName] = {}
    begin = 0
    for split in splits:
        it = found.gathered[split]
        mine = groups[begin : begin + len(it.texts)]
        begin += len(it.texts)
        gone = [number for number, group in zip(it.numbers, mine, strict=True) if group in taken]
        found.moved.update((split, taken[group]) for group in mine if group in taken)
        if gone and len(gone) == len(it.texts):
            raise BenchmarkError(
                f"All {len(gone)} texts of {it.path} stand in {_others(found, split)}, too, compared as an encoder "
                "sees them. A text may occur in one split only: give other rows."
            )
        found.leave_out(split, gone)
        if split == "train":
            kept = [group for group in mine if group not in taken]
            found.shared = shared_rows(kept)
        taken |= {group: split for group in mine if group not in taken}


def _others(found: Examination, split: SplitName) -> str:
    """The files that have a split's texts."""
    others = dict.fromkeys(other for mine, other in found.moved if mine == split)
    return " and ".join(str(found.gathered[other].path) for other in others)
