"""Records of several sources as one set: equal ones once, conflicting ones found and
shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmark.contracts import BenchmarkError
from benchmark.records.config import differences
from benchmark.records.schema import Record

NO_RESULT = ("costs", "provenance", "failure", "curve")
"""What two runs of one trial may differ in without contradicting each other; --curves
adds to the curve.
"""

MOST_SHOWN = 10
MOST_FIELDS = 4
LONGEST_VALUE = 24


@dataclass(frozen=True)
class Conflict:
    """Two finished records of one trial with different results; `fields` says where and
    how they differ.
    """

    first: Record
    second: Record
    first_source: str
    second_source: str
    fields: tuple[str, ...]

    def __str__(self) -> str:
        record = self.first
        trial = (
            f"{record.trial} ({record.method}, {record.corpus} {record.noise}, {record.encoder}, seed {record.seed})"
        )
        rest = len(self.fields) - MOST_FIELDS
        more = f"; {rest} more" if rest > 0 else ""
        shown = "; ".join(self.fields[:MOST_FIELDS])
        return f"{trial}: {self.first_source} against {self.second_source}: {shown}{more}"


class ConflictError(BenchmarkError):
    """Sources hold different results for one trial.

    The message shows the trials and the fields that differ.
    """

    def __init__(self, conflicts: Sequence[Conflict]) -> None:
        shown = "\n".join(f"  {conflict}" for conflict in conflicts[:MOST_SHOWN])
        rest = len(conflicts) - MOST_SHOWN
        more = f"\n  and {rest} more" if rest > 0 else ""
        super().__init__(
            f"Refused: {len(conflicts)} finished {'trial has' if len(conflicts) == 1 else 'trials have'} different "
            f"results in different sources; nothing was written.\n{shown}{more}\nEqual results are promised only for "
            "the same machine type, device and library versions (`explain ID --from SOURCE` shows them). Leave one "
            "source out, or say whose results count with --prefer SOURCE."
        )


@dataclass
class MergeResult:
    """One record a trial, and what became of the others.

    `repeated`: equal records met more than once; `measured_again`: equal results with
    other costs or another time, of which the one with more points scored, then the
    first made, is kept; `failures_replaced`: failed records of trials that another
    source finished, or that failed again later; `overruled`: records that lost a
    conflict to the preferred source.
    """

    records: dict[str, Record] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    repeated: int = 0
    measured_again: int = 0
    failures_replaced: int = 0
    conflicts: list[Conflict] = field(default_factory=list)
    overruled: list[Record] = field(default_factory=list)


def join(sources: Iterable[tuple[str, Iterable[Record]]], prefer: str | None = None) -> MergeResult:
    """The records of all sources, each source a name with its records.

    Raises ConflictError where two sources finished one trial with different results and
    neither is `prefer`.
    """
    joined = MergeResult()
    for source, records in sources:
        for record in records:
            _add(joined, source, record, prefer)
    if joined.conflicts:
        raise ConflictError(joined.conflicts)
    return joined


def join_first(sources: Iterable[tuple[str, Iterable[Record]]]) -> MergeResult:
    """Join sources of which an earlier one takes precedence over a later one.

    A finished record takes the place of a failed one wherever each is from. Of two
    finished ones that of the earlier source stays, and `conflicts` holds the pair
    where their results differ. `plan` and `run` see the trials at hand this way.
    """
    joined = MergeResult()
    for source, records in sources:
        for record in records:
            _add_after(joined, source, record)
    return joined


def _add_after(joined: MergeResult, source: str, record: Record) -> None:
    older = joined.records.get(record.trial)
    if older is not None and (older.status == "done" or record.status == "failed"):
        joined.repeated += 1
        if older.status == record.status == "done" and older != record:
            fields = differences(result_of(older), result_of(record), LONGEST_VALUE)
            before = joined.sources[record.trial]
            joined.conflicts += [Conflict(older, record, before, source, tuple(fields))] if fields else []
        return
    joined.failures_replaced += older is not None
    joined.records[record.trial] = record
    joined.sources[record.trial] = source


def _add(joined: MergeResult, source: str, record: Record, prefer: str | None) -> None:
    older = joined.records.get(record.trial)
    keep_new = older is None
    if older is None:
        pass
    elif older == record:
        joined.repeated += 1
    elif "failed" in (older.status, record.status):
        joined.failures_replaced += 1
        keep_new = _created(record) > _created(older) if older.status == record.status else older.status == "failed"
    elif fields := differences(result_of(older), result_of(record), LONGEST_VALUE):
        before = joined.sources[record.trial]
        if prefer not in (before, source):
            joined.conflicts.append(Conflict(older, record, before, source, tuple(fields)))
            return
        keep_new = source == prefer
        joined.overruled.append(older if keep_new else record)
    else:
        joined.measured_again += 1
        keep_new = (_scored(record), _created(older)) > (_scored(older), _created(record))
    if keep_new:
        joined.records[record.trial] = record
        joined.sources[record.trial] = source


LACKING: dict[str, Any] = {
    "manifest": {"class_shares", "label_names"},
    "selections": {"__all__": {"confusion"}},
}
"""What records hold only since some day."""


def result_of(record: Record) -> dict[str, Any]:
    """What must be equal where a trial was run twice: everything but costs, provenance,
    failure and curve, and what older records lack.
    """
    return record.model_dump(mode="json", exclude=dict.fromkeys(NO_RESULT, True) | LACKING)


def _created(record: Record) -> str:
    return record.provenance.created


def _scored(record: Record) -> int:
    return sum(point.test_accuracy is not None for point in record.curve)
