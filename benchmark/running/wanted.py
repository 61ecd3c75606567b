"""The trials that a request asks for, and those of them that are to run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from benchmark.experiment.expansion import as_recorded, expand
from benchmark.experiment.identifiability import check_identifiable
from benchmark.experiment.plan import Row, make_plan
from benchmark.records.artefacts import ArtefactCache
from benchmark.records.code.plugins import load_plugins
from benchmark.records.config import TrialConfig
from benchmark.records.run_folder import RunFolder
from benchmark.records.schema import Record
from benchmark.running.availability import available_trials, with_weights
from benchmark.running.request import Request
from benchmark.trial.fitting import check_fit


def wanted_trials(request: Request, warn: Callable[[str], None]) -> list[TrialConfig]:
    """Give the trials that a request asks for, with its plug-ins loaded.

    `warn` is told what is to be known of the user's own files, what is left out, and
    which noises are run although the labels no longer identify the classes.
    """
    load_plugins(request.plugins)
    configs = [as_recorded(trial) for trial in request.trials] or expand(request.grid, request.choices, warn)
    for remark in request.remarks:
        warn(remark)
    check_identifiable(configs, request.allow_unidentifiable or bool(request.trials), warn)
    return configs


def plan_available(
    configs: Sequence[TrialConfig], records: Mapping[str, Record], request: Request, warn: Callable[[str], None]
) -> list[Row]:
    """Plan the trials that are finished or have their corpus and encoder at hand.

    What can be downloaded is downloaded. The ids of the trials are those of the weights
    as they then are.
    """
    rows = make_plan(configs, records)
    unfinished = [row.config for row in rows if row.to_run(request.rerun_changed)]
    if not unfinished:
        return rows
    kept = {config.id for config in available_trials(unfinished, request.skip_unavailable, warn)}
    gone = {config.id for config in unfinished} - kept
    left = with_weights([config for config in configs if config.id not in gone])
    return make_plan(left, records)


def trials_to_run(rows: Sequence[Row], folder: RunFolder, rerun_changed: bool = False) -> list[TrialConfig]:
    """Give the trials of a plan that run next.

    A parameter that does not fit the cell of such a trial is a BenchmarkError.
    """
    todo = [row.config for row in rows if row.to_run(rerun_changed)]
    check_fit(todo, ArtefactCache(folder.artefacts))
    return todo
