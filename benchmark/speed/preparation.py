"""The line on preparation: features of texts on all cores against one."""

from __future__ import annotations

import statistics

from benchmark.contracts import generator
from benchmark.records.machine import cores
from benchmark.speed.model import Measurement
from benchmark.speed.setting import Setting
from benchmark.speed.timing import in_turn, median_ratio, seconds_of
from benchmark.training.encoders.encoding import pooled_features
from benchmark.training.encoders.names import encoder_from

FEWEST_WORDS, MOST_WORDS = 30, 160
"""The texts are made. A tokenizer cuts the longest, as it does long messages."""

WORDS = ("the", "of", "and", "in", "to", "was", "for", "on", "that", "with", "as", "by", "he", "at")


def features_on_all_cores(setting: Setting) -> list[Measurement]:
    """Texts a second into features on all cores, over those on one: at least 1.7."""
    what = f"texts a second on all cores / on one, {setting.head}"
    encoder, count = encoder_from(setting.head), cores()
    if encoder.kind != "frozen" or count < 2:
        why = "this machine has one core" if count < 2 else "no pretrained encoder is at hand"
        return [Measurement("preparation", what, None, "×", at_least=1.7, note=why)]
    draws = generator("speed", "texts")
    texts = [
        " ".join(draws.choice(WORDS, size=draws.integers(FEWEST_WORDS, MOST_WORDS)))
        for _ in range(setting.sizes.encoded_texts)
    ]

    def seconds(given: list[str], at_a_time: int) -> float:
        return seconds_of(lambda: pooled_features(encoder, given, encoder.recipe.max_tokens, cores=at_a_time))

    seconds(texts[:8], 1)  # what a process pays once
    actions = {"one core": 1, f"{count} cores": count}
    rounds = in_turn(
        setting.sizes.tuned_repeats,
        {name: lambda turn, number=number: seconds(texts, number) for name, number in actions.items()},  # type: ignore[misc]
    )
    one, every = rounds.values()
    rate = len(texts) / statistics.median(every)
    return [
        Measurement(
            "preparation",
            f"{what}, {len(texts)} made texts",
            median_ratio(one, every),
            "×",
            at_least=1.7,
            seconds={name: statistics.median(found) for name, found in rounds.items()},
            note=f"{rate:.0f} texts a second on {count} cores",
        )
    ]
