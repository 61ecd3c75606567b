"""Ray Tune schedules the trials on workers, each of which runs its trials in a process
of their own.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark.contracts import BenchmarkError
from benchmark.records.code.provenance import COMMIT_VARIABLE, git_commit
from benchmark.running.executors.channel import Message
from benchmark.running.executors.resources import Resources
from benchmark.running.executors.shipping import Home, code_folder, local_task, pack, send_home
from benchmark.running.executors.trial_runner import TrialRunner
from benchmark.trial.shared_training import task_from

RETRIES_OF_DEAD_WORKERS = 1


@dataclass(frozen=True)
class Session:
    """What Ray is started with; `scratch` holds all that it writes on this machine."""

    resources: Resources
    scratch: Path


@dataclass(frozen=True)
class Work:
    """Tasks as JSON values, without their plugins, and for each the names of the
    artefacts that it reads.
    """

    tasks: list[Message]
    plugins: list[Message]
    names: list[list[str]]


def run_on_ray(
    ray: Any,
    session: Session,
    work: Work,
    report: Callable[[int, Message], None],
    should_stop: Callable[[], bool],
) -> None:
    """Run the tasks on a Ray that is connected.

    Each outcome is reported by the place of its task.
    """
    done: set[int] = set()
    stalled = 0
    while len(done) < len(work.tasks) and not should_stop():
        before = len(done)
        try:
            if not ray.is_initialized():
                connect(ray, session)
            _tune(ray, session, work, report, should_stop, done)
            return
        except RuntimeError as error:
            # Tune gives up where Ray ends a worker to save the machine's memory; the trials that are left go on anew.
            if not isinstance(error.__cause__, ray.exceptions.OutOfMemoryError):
                raise
            stalled = 0 if len(done) > before else stalled + 1
            if stalled > RETRIES_OF_DEAD_WORKERS:
                left = len(work.tasks) - len(done)
                raise BenchmarkError(
                    f"The machine's memory ran out {stalled} times before a trial ended; {left} are left. What is "
                    "finished is kept: free memory, or run again with fewer --workers."
                ) from None
            ray.shutdown()


def connect(ray: Any, session: Session) -> None:
    """Start Ray on this machine alone, or join the cluster.

    What it cannot give is a BenchmarkError.
    """
    quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
    resources = session.resources
    if resources.address is None:
        cpus = (resources.workers or 1) * resources.threads_per_trial
        ray.init(address="local", num_cpus=cpus, include_dashboard=False, _temp_dir=str(session.scratch), **quiet)
    else:
        _join(ray, session, quiet)
    check_capacity(resources, [node["Resources"] for node in ray.nodes() if node["Alive"]])


def _join(ray: Any, session: Session, quiet: dict[str, Any]) -> None:
    code = session.scratch / "code"
    if not code.exists():
        code_folder(str(code))
    sent: dict[str, Any] = {"working_dir": str(code)}
    commit = git_commit()
    if commit is not None:
        sent["env_vars"] = {COMMIT_VARIABLE: commit}
    address = session.resources.address
    try:
        ray.init(address=address, runtime_env=sent, **quiet)
    except (ConnectionError, RuntimeError, ValueError) as error:
        why = str(error).partition("\n")[0]
        raise BenchmarkError(
            f"The Ray cluster at '{address}' does not let this machine in: {why}. Is this machine one of "
            "its nodes ('ray start --address=HOST:PORT')? If its head says that it asks for a token, set "
            "RAY_AUTH_MODE=token; ~/.ray/auth_token or RAY_AUTH_TOKEN must be the cluster's."
        ) from None


def check_capacity(resources: Resources, nodes: Sequence[dict[str, float]]) -> None:
    """Raise a BenchmarkError unless one of the nodes can run a trial.

    It names what the nodes have.
    """
    wanted = {"CPU": float(resources.threads_per_trial), "GPU": resources.gpus_per_trial}
    if any(all(node.get(name, 0.0) >= amount for name, amount in wanted.items()) for node in nodes):
        return
    asked = ", ".join(f"{amount:g} {name}" for name, amount in wanted.items() if amount)
    found = "; ".join(
        f"{count} × ({cpu:g} CPU, {gpu:g} GPU)" for (cpu, gpu), count in sorted(_alike(nodes).items(), reverse=True)
    )
    raise BenchmarkError(
        f"A trial asks for {asked} on one node, and no node of the cluster has that: {found or 'there is none'}. "
        "Lower --threads-per-trial or --gpus-per-trial, or let a node with more join ('ray start --address=HOST:PORT')."
    )


def _alike(nodes: Sequence[dict[str, float]]) -> dict[tuple[float, float], int]:
    kinds = [(node.get("CPU", 0.0), node.get("GPU", 0.0)) for node in nodes]
    return {kind: kinds.count(kind) for kind in kinds}


def _tune(
    ray: Any,
    session: Session,
    work: Work,
    report: Callable[[int, Message], None],
    should_stop: Callable[[], bool],
    done: set[int],
) -> None:
    from ray import tune

    from benchmark.running.executors.tune_hooks import Reporter, Stop

    resources = session.resources
    bundle = {"cpu": float(resources.threads_per_trial)}
    if resources.gpus_per_trial:
        bundle["gpu"] = resources.gpus_per_trial
    given = {
        "tasks": [json.dumps(task) for task in work.tasks],
        "plugins": work.plugins,
        "names": work.names,
        "shipped": _ship(ray, work) if resources.address is not None else {},
        "past": sorted(_trainings - {name for names in work.names for name in names}),
        "home": _home(ray, work) if resources.address is not None else None,
    }
    _trainings.update(task["training"] for task in work.tasks if task["training"])
    left = [index for index in range(len(work.tasks)) if index not in done]
    tune.Tuner(
        tune.with_resources(tune.with_parameters(_run_one, **given), bundle),
        param_space={"index": tune.grid_search(left)},
        tune_config=tune.TuneConfig(max_concurrent_trials=resources.workers, reuse_actors=True),
        run_config=tune.RunConfig(
            name="trials",
            storage_path=str(session.scratch / "tune"),
            verbose=0,
            callbacks=[Reporter(report, done)],
            stop=Stop(should_stop),
            failure_config=tune.FailureConfig(max_failures=RETRIES_OF_DEAD_WORKERS),
        ),
    ).fit()


def _ship(ray: Any, work: Work) -> dict[str, Any]:
    needed = {
        name: Path(task["artefacts"]) / name
        for task, names in zip(work.tasks, work.names, strict=True)
        for name in names
    }
    return {name: ray.put(pack(folder)) for name, folder in needed.items()}


_trainings: set[str] = set()
"""The shared trainings of the lists of tasks so far."""


def _home(ray: Any, work: Work) -> Any:
    """Give an actor beside the driver that takes trainings in, where some are to be
    made.
    """
    folders = [task["artefacts"] for task in work.tasks if "reads" in task]
    if not folders:
        return None
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    return ray.remote(Home).options(num_cpus=0, scheduling_strategy=here).remote(folders[0])


_runner: TrialRunner | None = None
"""A worker's trial process: it outlives the trial, as the worker does."""


def _run_one(
    config: dict[str, Any],
    tasks: list[str],
    plugins: list[Message],
    names: list[list[str]],
    shipped: dict[str, Any],
    past: list[str],
    home: Any,
) -> None:
    """Run one task in a worker.

    Each task is its own text, so that a long list costs a trial nothing to unpack.
    """
    from ray import tune

    global _runner
    _runner = _runner or TrialRunner()
    task = task_from(json.loads(tasks[config["index"]]) | {"plugins": plugins})
    local = local_task(task, names[config["index"]], shipped, past)
    outcome = _runner.run(local)
    if "trained" in outcome:
        send_home(task, local, home)
    tune.report({"outcome": json.dumps(outcome)})
