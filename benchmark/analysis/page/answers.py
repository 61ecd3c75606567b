"""The verdict on each corpus, in the pieces that the page sets apart."""

from __future__ import annotations

from dataclasses import dataclass

from benchmark.analysis.result_set import ResultSet
from benchmark.analysis.verdict import (
    command_of,
    opening,
    recommendations,
    sentences_of,
    step_words,
    without_verdict,
)
from benchmark.analysis.verdict.next_step import MOST_MORE

NO_STEP = f"Up to {MOST_MORE} more seeds would not settle what is open"


@dataclass(frozen=True, slots=True)
class Answer:
    """What to use on a corpus: the first sentence, what that brings, and the others.

    `step` says what would settle what is open, without a stop, or that more seeds would
    not. It is empty where nothing is open. `command` does the step, and is empty where
    there is none to do or the trials' conditions are unknown.
    """

    use: str
    gain: str = ""
    others: tuple[str, ...] = ()
    step: str = ""
    command: str = ""


def answers(results: ResultSet, prefix: str = "") -> tuple[Answer, ...]:
    """Give an answer for each corpus, or the one sentence that says why there is none.

    The names of the grid files that commands read begin with the prefix.
    """
    given = []
    for found in recommendations(results):
        if not found.compared:
            continue
        use, gain, *others = (*sentences_of(found, results.metric), "")
        step, words, command = found.next_step, "", ""
        if step is not None:
            words, command = step_words(found, step), command_of(results, found, step, prefix)
        elif found.standing == "none better" or found.not_told_from:
            words = NO_STEP if found.chosen_by == "clean test labels" else ""
        given.append(Answer(use, gain, tuple(filter(None, others)), words, command))
    return (*given, *map(Answer, without_verdict(results))) if given else tuple(map(Answer, opening(results)))
