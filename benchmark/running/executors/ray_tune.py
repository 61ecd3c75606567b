"""Ray Tune schedules the trials on workers, each of which runs its trials in a process
of their own.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.contracts import BenchmarkError
from benchmark.records.code.provenance import COMMIT_VARIABLE, git_commit
from benchmark.running.executors.channel import Message
from benchmark.running.executors.resources import Resources
from benchmark.running.executors.shipping import Home, code_folder, local_task, send_home
from benchmark.running.executors.trial_runner import TrialRunner
from benchmark.trial.shared_training import task_from

if TYPE_CHECKING:
    from benchmark.running.executors.tune_hooks import Feed

RETRIES_OF_DEAD_WORKERS = 1


@dataclass(frozen=True)
class Session:
    """What Ray is started with; `scratch` holds all that it writes on this machine."""

    resources: Resources
    scratch: Path


def run_on_ray(
    ray: Any,
    session: Session,
    feed: Feed,
    report: Callable[[int, Message], None],
    artefacts: str,
) -> None:
    """Run the tasks of a feed on a Ray that is connected, until the feed is over.

    Each outcome is reported by the number of its task. `artefacts`: the folder of the
    driver's artefacts.
    """
    ended = stalled = 0

    def count(number: int, outcome: Message) -> None:
        nonlocal ended
        ended += 1
        report(number, outcome)

    while not feed.over.is_set():
        before = ended
        try:
            if not ray.is_initialized():
                connect(ray, session)
            _tune(ray, session, feed, count, artefacts)
            return
        except RuntimeError as error:
            # Tune gives up where Ray ends a worker to save the machine's memory; the trials that are left go on anew.
            if not isinstance(error.__cause__, ray.exceptions.OutOfMemoryError):
                raise
            stalled = 0 if ended > before else stalled + 1
            feed.take_back()
            if stalled > RETRIES_OF_DEAD_WORKERS:
                raise BenchmarkError(
                    f"The machine's memory ran out {stalled} times before a trial ended; {feed.waiting()} are left. "
                    "What is finished is kept: free memory, or run again with fewer --workers."
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
    feed: Feed,
    report: Callable[[int, Message], None],
    artefacts: str,
) -> None:
    from ray import tune

    from benchmark.running.executors.tune_hooks import Reporter, Stop

    resources = session.resources
    bundle = {"cpu": float(resources.threads_per_trial)}
    if resources.gpus_per_trial:
        bundle["gpu"] = resources.gpus_per_trial
    home = _home(ray, artefacts) if resources.address is not None else None
    tune.Tuner(
        tune.with_resources(tune.with_parameters(_run_one, home=home), bundle),
        tune_config=tune.TuneConfig(
            search_alg=feed, num_samples=-1, max_concurrent_trials=resources.workers, reuse_actors=True
        ),
        run_config=tune.RunConfig(
            name="trials",
            storage_path=str(session.scratch / "tune"),
            verbose=0,
            callbacks=[Reporter(report, feed)],
            stop=Stop(feed.over.is_set),
            failure_config=tune.FailureConfig(max_failures=RETRIES_OF_DEAD_WORKERS),
        ),
    ).fit()


def _home(ray: Any, artefacts: str) -> Any:
    """Give an actor beside the driver that hands artefacts out and takes them in."""
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    return ray.remote(Home).options(num_cpus=0, scheduling_strategy=here).remote(artefacts)


_runner: TrialRunner | None = None
"""A worker's trial process: it outlives the trial, as the worker does."""


def _run_one(config: dict[str, Any], home: Any) -> None:
    """Run one task in a worker."""
    from ray import tune

    global _runner
    _runner = _runner or TrialRunner()
    words = json.loads(config["task"])
    task = task_from(words["task"])
    local = local_task(task, words["names"], home)
    outcome = _runner.run(local)
    if "trained" in outcome:
        send_home(task, local, home)
    tune.report({"outcome": json.dumps(outcome)})
