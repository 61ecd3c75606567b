"""A submission from its file to its trials, of which some are run again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from pydantic import ValidationError

from benchmark.contracts import BenchmarkError, UnknownNameError, method_from, noise_from
from benchmark.experiment.expansion import as_recorded
from benchmark.records.archive.reading import archive_contents
from benchmark.records.config import TrialConfig
from benchmark.records.schema import Record
from benchmark.submission.agreement import Rerun, compared
from benchmark.submission.claims import contradictions, repeated_trials
from benchmark.submission.draw import fewest_reruns, forged_trials, unseen

MOST_NAMED = 5


class RefusedError(BenchmarkError):
    """The submission must not be merged; the message says why."""


@dataclass(frozen=True)
class Submission:
    """An archive that is whole and contradicts neither itself nor the code at hand.

    `foreign` holds the methods, with parameters, that a plug-in brought.
    """

    path: Path
    records: dict[str, Record]
    configs: dict[str, TrialConfig]
    foreign: tuple[str, ...]

    def reruns(self, asked: int | None) -> int:
        """Give how many trials are run again: as many as asked for, but never more than
        there are.
        """
        return fewest_reruns(len(self.records)) if asked is None else min(asked, len(self.records))

    def unseen(self, rerun: int) -> Fraction:
        """Give the probability that a forger of a tenth of the trials goes unseen."""
        return unseen(len(self.records), forged_trials(len(self.records)), rerun)

    def seconds(self, trials: Iterable[str]) -> float:
        """Give the seconds of these trials by their records."""
        costs = [self.records[trial].costs for trial in trials]
        return sum(each.wall_s for each in costs if each is not None)


def read_submission(path: Path) -> Submission:
    """Read an archive of a stranger and check all that needs no training.

    Plug-ins are registered beforehand.

    Raises
    ------
    RefusedError
        Where a row is damaged or carries no sum, a trial stands there twice, or
        a record contradicts itself.
    BenchmarkError
        Where the archive cannot be checked here: it is no archive, or a method, noise,
        corpus, version or plug-in of it is not at hand.
    """
    reading = archive_contents(path)
    if reading.remarks:
        raise RefusedError(" ".join(reading.remarks))
    if not reading.records:
        raise RefusedError(f"'{path}' holds no record.")
    if repeated := repeated_trials(reading.records):
        raise RefusedError(f"{_some('trial stands', 'trials stand', repeated)} in '{path}' more than once.")
    records = {record.trial: record for record in reading.records}
    _refuse_unknown(records.values())
    configs = {trial: _configuration(record) for trial, record in records.items()}
    _refuse_other_code(configs.values())
    if found := list(contradictions(records.values())):
        raise RefusedError(f"Its records hold {_some('contradiction', 'contradictions', found)}.")
    foreign = dict.fromkeys(config.method for config in configs.values() if config.method_source is not None)
    return Submission(path, records, configs, tuple(foreign))


def compare_all(submission: Submission, again: Iterable[Record], tolerance: float) -> list[Rerun]:
    """Compare the trials that were run again with their records, in order."""
    found = {record.trial: record for record in again}
    return [compared(submission.records[trial], found[trial], tolerance) for trial in sorted(found)]


def _configuration(record: Record) -> TrialConfig:
    try:
        return TrialConfig.model_validate(record.config)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise RefusedError(
            f"Trial {record.trial} has no configuration of a trial at {where}: {first['msg']}."
        ) from None


def _refuse_unknown(records: Iterable[Record]) -> None:
    """Raise where a method or noise is neither of this project nor of a plug-in."""
    for record in records:
        try:
            method_from(record.method)
            noise_from(record.noise)
        except UnknownNameError as error:
            raise BenchmarkError(
                f"Trial {record.trial} is of a method or noise that is not known here. {error} If it comes from "
                "a file of the sender, read that file and name it: --plugin FILE.py."
            ) from None


def _refuse_other_code(configs: Iterable[TrialConfig]) -> None:
    """Raise where a trial could not be run again as it was."""
    first, others = "", 0
    for config in configs:
        try:
            as_recorded(config)
        except BenchmarkError as error:
            first, others = first or _why(config, error), others + bool(first)
    if first:
        rest = f" So it is with {others} more." if others else ""
        raise BenchmarkError(f"{first}{rest}")


def _why(config: TrialConfig, error: BenchmarkError) -> str:
    """Say why a trial cannot be run again; of an unknown corpus the sender has the
    texts.
    """
    if not (isinstance(error, UnknownNameError) and error.kind == "corpus"):
        return str(error)
    return (
        f"Trial {config.id} is on the corpus '{config.corpus}', which is not known here. Where it is a table of the "
        "sender's own, no archive holds its texts, and its trials cannot be checked: ask for trials on corpora that "
        "'python -m benchmark list corpora' names."
    )


def _some(one: str, several: str, items: Sequence[str]) -> str:
    shown = "; ".join(items[:MOST_NAMED])
    rest = f"; and {len(items) - MOST_NAMED} more" if len(items) > MOST_NAMED else ""
    return f"{len(items)} {one if len(items) == 1 else several} ({shown}{rest})"
