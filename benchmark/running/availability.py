"""What is at hand before any trial starts: records of earlier runs, corpora,
encoders.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from benchmark.contracts import BenchmarkError
from benchmark.corpora import Availability, availability, corpus_names, load_card
from benchmark.records.config import TrialConfig
from benchmark.records.merge import MOST_SHOWN, join_first
from benchmark.records.record_files import Reading
from benchmark.records.run_folder import RunFolder
from benchmark.records.schema import Record
from benchmark.records.sources import read_source
from benchmark.training.encoders.names import LISTED, encoder_from
from benchmark.training.encoders.positions import check_tokens


def finished_records(
    folder: RunFolder,
    archives: Sequence[Path],
    warn: Callable[[str], None],
    *,
    quarantine: bool = False,
    heads: bool = False,
) -> dict[str, Record]:
    """Give the records of a run folder and the finished ones of archives, by trial.

    Parameters
    ----------
    folder
        The run folder. Its finished records come before those of archives, and of
        these the first named comes first.
    archives
        Archives of finished trials.
    warn
        Is told what is damaged, unverified or in conflict.
    quarantine
        Whether damaged files of the folder are moved to its quarantine.
    heads
        Whether records may come without their bodies. Those of several sources come
        whole, since they are compared.

    Returns
    -------
    dict[str, Record]
        What `plan` and `run` take as done or failed.
    """
    alone = heads and folder.records.is_dir() + len(archives) == 1
    readings = [_read_folder(folder, alone), *(read_source(path, alone) for path in archives)]
    for reading in readings:
        for remark in reading.remarks:
            warn(remark)
    if quarantine and (names := [Path(name).name for name in readings[0].damaged]):
        folder.quarantine_files(names)
        warn(f"{len(names)} damaged record(s) moved to '{folder.quarantine}' and run again.")
    finished = [(it.source, (record for record in it.records if record.status == "done")) for it in readings[1:]]
    joined = join_first([(readings[0].source, readings[0].records), *finished])
    if joined.conflicts:
        shown = "\n".join(f"  {conflict}" for conflict in joined.conflicts[:MOST_SHOWN])
        warn(
            f"{len(joined.conflicts)} finished trial(s) have different results in different sources; those of the "
            f"source named first count:\n{shown}"
        )
    return joined.records


def _read_folder(folder: RunFolder, heads: bool) -> Reading:
    """Read a run folder that need not be there yet."""
    return read_source(folder.path, heads) if folder.records.is_dir() else Reading(str(folder.path), [])


def available_trials(configs: Sequence[TrialConfig], skip: bool, warn: Callable[[str], None]) -> list[TrialConfig]:
    """Give the trials whose corpus and encoder are at hand or can be fetched.

    All that are not are said at once.
    """
    lacking: dict[str, str] = {}
    for corpus in dict.fromkeys(config.corpus for config in configs):
        if not availability(corpus).at_hand:
            _try(lambda name=corpus: _fetch_corpus(name), f"corpus {corpus}", lacking)  # type: ignore[misc]
    for encoder in dict.fromkeys(config.encoder for config in configs):
        if not encoder_from(encoder).at_hand():
            _try(encoder_from(encoder).fetch, f"encoder {encoder}", lacking)
    if not lacking:
        return list(configs)
    listing = "\n".join(f"  {what}: {why}" for what, why in lacking.items())
    kept = [c for c in configs if f"corpus {c.corpus}" not in lacking and f"encoder {c.encoder}" not in lacking]
    if not skip:
        raise BenchmarkError(
            f"Not at hand and not to be downloaded:\n{listing}\nNo trial was started. {_what_is_there()} Put the "
            "files into a folder of BENCHMARK_DATA, choose other corpora or encoders, or go on without them by "
            "--skip-unavailable."
        )
    if not kept:
        raise BenchmarkError(f"Without what is not at hand no trial is left:\n{listing}\n{_what_is_there()}")
    warn(f"Going on without {len(configs) - len(kept)} trials; not at hand:\n{listing}")
    return kept


def what_is_absent(todo: Sequence[TrialConfig]) -> list[str]:
    """Give what trials lack: a line for each reason, with all corpora or encoders that
    it holds for.
    """
    found: dict[str, list[str]] = {}
    for name in dict.fromkeys(config.corpus for config in todo):
        if why := _why_absent(availability(name)):
            found.setdefault(why, []).append(name)
    for name in dict.fromkeys(config.encoder for config in todo):
        if not encoder_from(name).at_hand():
            found.setdefault("encoders without weights at hand", []).append(name)
    return [f"{why}: {', '.join(names)}" for why, names in found.items()]


def _why_absent(at_hand: Availability) -> str:
    """Say why a corpus is not at hand, or nothing."""
    if at_hand.packages:
        return f"corpora whose package {at_hand.packages[0]} is not installed"
    if not at_hand.missing:
        return ""
    file = next((file for file in at_hand.missing if file.wrong or not file.url), at_hand.missing[0])
    if file.wrong:
        return f"corpora whose file {file.name} has other bytes"
    return "corpora that can be downloaded" if file.url else "corpora whose files have no public address"


def with_weights(configs: Sequence[TrialConfig]) -> list[TrialConfig]:
    """Give the trials with the digests of their encoders' weights as they are now,
    after a download.
    """
    digests = {name: encoder_from(name).weights_digest() for name in {config.encoder for config in configs}}
    for config in configs:
        check_tokens(encoder_from(config.encoder), config.recipe["max_tokens"], config.corpus)
    return [
        config
        if config.weights == digests[config.encoder]
        else TrialConfig(**config.model_dump() | {"weights": digests[config.encoder]})
        for config in configs
    ]


def _what_is_there() -> str:
    corpora = [name for name in corpus_names() if availability(name).at_hand]
    encoders = [name for name in LISTED if encoder_from(name).at_hand()]
    return f"At hand are the corpora {', '.join(corpora)} and the encoders {', '.join(encoders)}."


def _fetch_corpus(name: str) -> None:
    from benchmark.corpora.loading import fetch

    fetch(load_card(name))


def _try(action: Callable[[], None], what: str, lacking: dict[str, str]) -> None:
    try:
        action()
    except BenchmarkError as error:
        lacking[what] = str(error)
