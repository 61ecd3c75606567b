"""Ray Tune schedules the trials; the driver writes each record when it is reported."""

from __future__ import annotations

import logging
import os
import tempfile
from typing import Any

from benchmark.contracts import BenchmarkError
from benchmark.executors import Driver, Resources
from benchmark.executors.shipping import local_task, names_of, pack
from benchmark.trial import TrialTask, run_trial

QUIET = {
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "TUNE_DISABLE_SIGINT_HANDLER": "1",
    "RAY_CHDIR_TO_TRIAL_DIR": "0",
    "RAY_TRAIN_ENABLE_V2_MIGRATION_WARNINGS": "0",
    "RAY_AIR_NEW_OUTPUT": "0",
    "RAY_DEDUP_LOGS": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_USAGE_STATS_ENABLED": "0",
    "TUNE_GLOBAL_CHECKPOINT_S": "100000",
}
"""Ray's own reports, loggers and snapshots are off: the records are the truth and the progress bar is ours."""

RETRIES_OF_DEAD_WORKERS = 1


def run_on_ray(tasks: list[TrialTask], driver: Driver, resources: Resources) -> None:
    """Run the tasks on this machine's cores and GPUs, or on the cluster at `resources.address`."""
    os.environ.update({key: value for key, value in QUIET.items() if key not in os.environ})
    import ray

    logging.getLogger("ray").setLevel(logging.ERROR)
    _connect(ray, resources)
    try:
        _check_capacity(ray, resources)
        _tune(ray, tasks, driver, resources)
    finally:
        ray.shutdown()


def _connect(ray: Any, resources: Resources) -> None:
    quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
    if resources.address is not None:
        try:
            ray.init(address=resources.address, **quiet)
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise BenchmarkError(
                f"No Ray cluster answers at '{resources.address}': {error}. Start one with 'ray start --head'."
            ) from None
        return
    workers = resources.workers or 1
    ray.init(
        address="local",
        num_cpus=workers * resources.threads_per_trial,
        include_dashboard=False,
        **quiet,
    )


def _check_capacity(ray: Any, resources: Resources) -> None:
    present = ray.cluster_resources()
    for name, wanted in (("CPU", resources.threads_per_trial), ("GPU", resources.gpus_per_trial)):
        there = present.get(name, 0.0)
        if wanted > there:
            raise BenchmarkError(f"A trial asks for {wanted:g} {name} and the cluster has {there:g}; it never starts.")


def _tune(ray: Any, tasks: list[TrialTask], driver: Driver, resources: Resources) -> None:
    from ray import tune

    from benchmark.executors.tune_hooks import Stop, Writer

    shipped = _ship(ray, tasks) if resources.address is not None else {}
    bundle = {"cpu": float(resources.threads_per_trial)}
    if resources.gpus_per_trial:
        bundle["gpu"] = resources.gpus_per_trial
    with tempfile.TemporaryDirectory(prefix="benchmark-tune-") as scratch:
        tune.Tuner(
            tune.with_resources(tune.with_parameters(_run_one, tasks=tasks, shipped=shipped), bundle),
            param_space={"index": tune.grid_search(list(range(len(tasks))))},
            tune_config=tune.TuneConfig(max_concurrent_trials=resources.workers, reuse_actors=True),
            run_config=tune.RunConfig(
                name="trials",
                storage_path=scratch,
                verbose=0,
                callbacks=[Writer(tasks, driver)],
                stop=Stop(driver),
                failure_config=tune.FailureConfig(max_failures=RETRIES_OF_DEAD_WORKERS),
            ),
        ).fit()


def _ship(ray: Any, tasks: list[TrialTask]) -> dict[str, Any]:
    needed = {name: task.artefacts / name for task in tasks for name in names_of(task)}
    return {name: ray.put(pack(folder)) for name, folder in needed.items()}


def _run_one(config: dict[str, Any], tasks: list[TrialTask], shipped: dict[str, Any]) -> None:
    from ray import tune

    record = run_trial(local_task(tasks[config["index"]], shipped))
    tune.report({"record": record.model_dump_json()})
