"""Ray Tune schedules the trials; the driver writes each record when it is reported."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Sequence
from typing import Any

from benchmark.contracts import BenchmarkError
from benchmark.corpora.folders import CACHE_VARIABLE, DATA_VARIABLE
from benchmark.executors import Driver, Resources
from benchmark.executors.shipping import code_folder, local_task, names_of, pack
from benchmark.plugins import Plugin, load_entry_points
from benchmark.provenance import COMMIT_VARIABLE, git_commit
from benchmark.trial import TrialTask, run_trial

QUIET = {
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "TUNE_DISABLE_SIGINT_HANDLER": "1",
    "RAY_CHDIR_TO_TRIAL_DIR": "0",
    "RAY_TRAIN_ENABLE_V2_MIGRATION_WARNINGS": "0",
    "RAY_AIR_NEW_OUTPUT": "0",
    "RAY_DEDUP_LOGS": "1",
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_USAGE_STATS_ENABLED": "0",
    "TUNE_GLOBAL_CHECKPOINT_S": "100000",
}
"""Ray's own reports, loggers and snapshots are off: the records are the truth and the progress bar is ours."""

RETRIES_OF_DEAD_WORKERS = 1


def run_on_ray(tasks: list[TrialTask], driver: Driver, resources: Resources) -> None:
    """Run the tasks on this machine's cores and GPUs, or on the cluster at `resources.address`."""
    os.environ.update({key: value for key, value in QUIET.items() if key not in os.environ})
    _make_absolute(DATA_VARIABLE, CACHE_VARIABLE)
    import ray

    logging.getLogger("ray").setLevel(logging.ERROR)
    logging.getLogger("ray.tune").setLevel(logging.CRITICAL)  # it prints the traceback of every dead worker
    done: set[str] = set()
    stalled = 0
    while len(done) < len(tasks) and not driver.should_stop():
        left, before = [task for task in tasks if task.config.id not in done], len(done)
        try:
            _connect(ray, resources)
            _check_capacity(ray, resources)
            _tune(ray, left, driver, resources, done)
            return
        except RuntimeError as error:
            # Tune gives up where Ray ends a worker to save the machine's memory; the trials that are left go on anew.
            if not isinstance(error.__cause__, ray.exceptions.OutOfMemoryError):
                raise
            stalled = 0 if len(done) > before else stalled + 1
            if stalled > RETRIES_OF_DEAD_WORKERS:
                raise BenchmarkError(
                    f"The machine's memory ran out {stalled} times before a trial ended; {len(left)} are left. What is "
                    "finished is kept: free memory, or run again with fewer --workers."
                ) from None
        finally:
            ray.shutdown()


def _make_absolute(*variables: str) -> None:
    """Folders named in the environment, for workers that start elsewhere."""
    for name in variables:
        if os.environ.get(name):
            parts = os.environ[name].split(os.pathsep)
            os.environ[name] = os.pathsep.join(os.path.abspath(part) for part in parts if part)  # noqa: PTH100


def _connect(ray: Any, resources: Resources) -> None:
    quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
    if resources.address is None:
        workers = resources.workers or 1
        cpus = workers * resources.threads_per_trial
        ray.init(address="local", num_cpus=cpus, include_dashboard=False, **quiet)
        return
    with tempfile.TemporaryDirectory(prefix="benchmark-code-") as code:
        commit = git_commit()
        sent: dict[str, Any] = {"working_dir": str(code_folder(code))}
        if commit is not None:
            sent["env_vars"] = {COMMIT_VARIABLE: commit}
        try:
            ray.init(address=resources.address, runtime_env=sent, **quiet)
        except (ConnectionError, RuntimeError, ValueError) as error:
            why = str(error).partition("\n")[0]
            raise BenchmarkError(
                f"The Ray cluster at '{resources.address}' does not let this machine in: {why}. Is this machine one of "
                "its nodes ('ray start --address=HOST:PORT'), and is RAY_AUTH_TOKEN the cluster's?"
            ) from None


def _check_capacity(ray: Any, resources: Resources) -> None:
    present = ray.cluster_resources()
    for name, wanted in (("CPU", resources.threads_per_trial), ("GPU", resources.gpus_per_trial)):
        there = max((node["Resources"].get(name, 0.0) for node in ray.nodes() if node["Alive"]), default=0.0)
        if wanted > there:
            raise BenchmarkError(
                f"A trial asks for {wanted:g} {name}; no node of the cluster has more than {there:g}, and all of them "
                f"{present.get(name, 0.0):g}. Ask for less, or it never starts."
            )


def _tune(ray: Any, tasks: list[TrialTask], driver: Driver, resources: Resources, done: set[str]) -> None:
    """Run the tasks; the ids of trials whose record the driver has are added to `done`."""
    from ray import tune

    from benchmark.executors.tune_hooks import Stop, Writer

    bundle = {"cpu": float(resources.threads_per_trial)}
    if resources.gpus_per_trial:
        bundle["gpu"] = resources.gpus_per_trial
    given = {
        "tasks": [task.model_dump_json(exclude={"plugins"}) for task in tasks],
        "plugins": tasks[0].plugins,
        "shipped": _ship(ray, tasks) if resources.address is not None else {},
    }
    with tempfile.TemporaryDirectory(prefix="benchmark-tune-", ignore_cleanup_errors=True) as scratch:
        tune.Tuner(
            tune.with_resources(tune.with_parameters(_run_one, **given), bundle),
            param_space={"index": tune.grid_search(list(range(len(tasks))))},
            tune_config=tune.TuneConfig(max_concurrent_trials=resources.workers, reuse_actors=True),
            run_config=tune.RunConfig(
                name="trials",
                storage_path=scratch,
                verbose=0,
                callbacks=[Writer(tasks, driver, done)],
                stop=Stop(driver),
                failure_config=tune.FailureConfig(max_failures=RETRIES_OF_DEAD_WORKERS),
            ),
        ).fit()


def _ship(ray: Any, tasks: list[TrialTask]) -> dict[str, Any]:
    needed = {name: task.artefacts / name for task in tasks for name in names_of(task)}
    return {name: ray.put(pack(folder)) for name, folder in needed.items()}


def _run_one(config: dict[str, Any], tasks: list[str], plugins: Sequence[Plugin], shipped: dict[str, Any]) -> None:
    """One trial in a worker; each task is its own text, so that a long list costs a trial nothing to unpack."""
    from ray import tune

    load_entry_points()
    task = TrialTask.model_validate_json(tasks[config["index"]]).model_copy(update={"plugins": tuple(plugins)})
    record = run_trial(local_task(task, shipped))
    tune.report({"record": record.model_dump_json()})
