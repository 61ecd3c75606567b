"""Which method to use on a corpus, by a rule that was fixed beforehand."""

from benchmark.analysis.verdict.data import verdict_data
from benchmark.analysis.verdict.next_step import NextStep
from benchmark.analysis.verdict.recommendation import Gain, Recommendation, RuleGain, recommendations
from benchmark.analysis.verdict.sentences import (
    command_of,
    next_steps,
    opening,
    sentence,
    sentences_of,
    step_words,
    without_verdict,
)

__all__ = [
    "Gain",
    "NextStep",
    "Recommendation",
    "RuleGain",
    "command_of",
    "next_steps",
    "opening",
    "recommendations",
    "sentence",
    "sentences_of",
    "step_words",
    "verdict_data",
    "without_verdict",
]
