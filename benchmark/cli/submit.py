"""`submit`: whether an archive of someone else may be merged."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Unpack

import typer

from benchmark.cli import options
from benchmark.cli.output import INTERRUPTED, say, tell
from benchmark.experiment.options import DEFAULT_OUT, RunOptions
from benchmark.running.stopping import StoppedAtOnceError, exit_code

if TYPE_CHECKING:
    from benchmark.running.run import Outcome
    from benchmark.submission.checking import Submission

MOST_VERIFIED = 1_000_000
MOST_TOLERANCE = 100.0


@options.takes("plugins", "executor", "workers", "trial_hours")
def submit(
    file: Annotated[Path, typer.Argument(help="The archive, as `archive` wrote it.")],
    verify: Annotated[
        int | None,
        typer.Option(help="How many trials are run again (default: by which 95 % of forgers of a tenth are found)."),
    ] = None,
    tolerance: Annotated[
        float | None, typer.Option(help="By how many points an accuracy may differ between machines (default: 2).")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Draw the same trials as an earlier run, which printed its seed.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the trials that run again (default: one below results/runs).")
    ] = None,
    **given: Unpack[RunOptions],
) -> None:
    """Check an archive of someone else before it is merged, and run some of its trials
    again.

    Code of the sender runs only where --plugin names its file. Exit code 0: the
    archive may be merged. 1: it must not be. 2: it cannot be checked here.

    `python -m benchmark submit theirs.parquet --plugin their_method.py`
    """
    from benchmark.contracts.parameters.bounds import MOST_SEED, check_real, check_whole
    from benchmark.submission.agreement import TOLERANCE
    from benchmark.submission.checking import RefusedError
    from benchmark.submission.draw import fresh_seed

    allowed = TOLERANCE if tolerance is None else tolerance
    check_real("--tolerance", allowed, 0, MOST_TOLERANCE)
    if verify is not None:
        check_whole("--verify", verify, 0, MOST_VERIFIED)
    if seed is not None:
        check_whole("--seed", seed, 0, MOST_SEED)
    try:
        submission = _read(file, given)
        by = fresh_seed() if seed is None else seed
        outcome = _rerun(submission, verify, by, out, given, told=seed is not None)
    except RefusedError as error:
        _refuse([str(error)])
    except StoppedAtOnceError as error:
        say(INTERRUPTED, error=True)
        raise typer.Exit(error.exit_code) from None
    if outcome.stopped_by:
        tell(f"Stopped by {outcome.stopped_by}; nothing is decided. Go on with --seed {by}.")
        raise typer.Exit(exit_code(outcome.stopped_by))
    _judge(submission, outcome, allowed)


def _read(file: Path, given: RunOptions) -> Submission:
    """Read the archive, and check the methods that plug-ins brought."""
    from benchmark.analysis.layout.format import plural
    from benchmark.analysis.verdict.sentences import some
    from benchmark.conformance import first_problem
    from benchmark.contracts import method_from
    from benchmark.submission.checking import RefusedError, read_submission
    from benchmark.submission.claims import uneven_seeds

    options.load_plugins([Path(path) for path in given.get("plugins", ())])
    submission = read_submission(file)
    corpora = {record.corpus for record in submission.records.values()}
    named = {record.method for record in submission.records.values()}
    tell(
        f"{file}: {plural(len(submission.records), 'record')} of {plural(len(named), 'method')} on "
        f"{plural(len(corpora), 'corpus', 'corpora')}; every sha256 holds, no trial stands there twice, and no record "
        "contradicts itself."
    )
    uneven = uneven_seeds(submission.records.values())
    seeds = sorted({record.seed for record in submission.records.values()})
    tell(
        f"Seeds: {some(list(map(str, seeds)))}. "
        + (f"Not every method has the same: {'; '.join(uneven)}." if uneven else "Every method has all in each cell.")
        + " Seeds that were run and left out cannot be seen."
    )
    found = {name: first_problem(method_from(name)) for name in submission.foreign}
    broken = {name: verdict for name, verdict in found.items() if verdict is not None}
    if broken:
        raise RefusedError(
            " ".join(f"Method {name} breaks the contract: {it.check}: {it.problem}" for name, it in broken.items())
        )
    if submission.foreign:
        tell(f"By plug-in, and keeping the contract: {', '.join(submission.foreign)}.")
    return submission


def _rerun(
    submission: Submission, verify: int | None, seed: int, out: Path | None, given: RunOptions, told: bool
) -> Outcome:
    """Draw trials, say what that can find, and run them."""
    from benchmark.analysis.layout.format import duration
    from benchmark.cli.progress import Progress
    from benchmark.contracts.hashes import sha256_of_file
    from benchmark.running.request import make_request
    from benchmark.running.run import Outcome, run
    from benchmark.submission.draw import drawn, forged_trials

    rerun = submission.reruns(verify)
    trials = drawn(submission.records, rerun, seed)
    total = len(submission.records)
    tell(
        f"Run again: {rerun} of {total} trials, {duration(submission.seconds(trials))} of one worker where they "
        f"were made, drawn by --seed {seed}" + (", which the sender must not have known." if told else ".")
    )
    tell(
        f"A forger of {forged_trials(total)} of the {total} trials goes unseen with probability "
        f"{_probability(submission.unseen(rerun))}."
    )
    if not trials:
        return Outcome([], 0, 0)
    folder = out or DEFAULT_OUT / f"submit-{submission.path.stem}-{sha256_of_file(submission.path)[:8]}"
    wanted = tuple(submission.configs[trial] for trial in trials)
    run_options: RunOptions = {**given, "curves": True, "rerun_changed": True}
    request = make_request("demo", folder, run_options, wanted)
    with Progress(f"Trials of {submission.path.name} that run again", folder) as progress:
        outcome = run(request, progress)
    progress.close(outcome)
    return outcome


def _judge(submission: Submission, outcome: Outcome, tolerance: float) -> None:
    """Say whether the trials are what their records say."""
    from benchmark.submission.agreement import shifted_methods
    from benchmark.submission.checking import compare_all

    reruns = compare_all(submission, outcome.records, tolerance)
    problems = [
        f"Trial {one.trial} ({' · '.join(map(str, submission.configs[one.trial].label))}): {'; '.join(one.problems)}"
        for one in reruns
        if one.problems
    ]
    problems += [
        f"Method {method}: its records are {abs(mean):.2f} points {'above' if mean > 0 else 'below'} the trials here "
        "on average, more than chance shifts them"
        for method, mean in shifted_methods(reruns, tolerance).items()
    ]
    if problems:
        _refuse(problems)
    if reruns:
        farthest = max((abs(shift) for one in reruns for shift in one.shifts), default=0.0)
        agree = f"{len(reruns)} of {len(reruns)} agree within {tolerance:g} points"
        tell(f"{agree}; the farthest accuracy is {farthest:.2f} off.")
    else:
        tell("No trial was run again, so nothing is known of its numbers but that they were not changed by accident.")
    tell(f"'{submission.path}' may be merged.")


def _refuse(problems: list[str]) -> None:
    for problem in problems:
        tell(problem, mark="Refused  ", error=True)
    tell("The archive must not be merged.", error=True)
    raise typer.Exit(1)


def _probability(share: Fraction) -> str:
    """Write a probability in percent, and zero only where it is.

    >>> [_probability(Fraction(*each)) for each in ((1, 21), (0, 1), (1, 10**6))]
    ['4.76 %', '0 %', '0.0001 %']
    """
    percent = float(100 * share)
    return "0 %" if not share else f"{percent:.2f} %" if percent >= 0.01 else f"{percent:.1g} %"
