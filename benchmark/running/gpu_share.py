"""How many trials share a GPU: as many as their measured memory lets on it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmark.records.config import TrialConfig
from benchmark.records.machine import gpu_memory_mib
from benchmark.records.schema import Record
from benchmark.running.executors.resources import Resources
from benchmark.training.encoders.names import encoder_from

MOST_ON_A_GPU = 8
FROZEN_UNMEASURED, OTHERS_UNMEASURED = 8, 1
"""Trials on a GPU where no record says what they take. A head over frozen features
takes a few MiB, and what fine-tuning takes grows with the encoder.
"""

PROCESS_MIB = 1024.0
"""What a process takes besides its tensors: the context and the libraries' code."""

HEADROOM = 2.0
"""What a process holds of the GPU, as a factor on the peak of its tensors: torch keeps
what is freed for later tensors, and graphs have memory of their own.
"""


@dataclass(frozen=True)
class GpuNeed:
    """What trials take of a GPU.

    `mib` is the highest need of any measured recipe on a corpus, None where none is
    measured. `unmeasured` names encoders, with the corpora on which no record of a GPU
    has them, and `at_most` bounds the trials at a time because of them.
    """

    mib: float | None
    unmeasured: tuple[str, ...]
    at_most: int

    def trials_on(self, memory_mib: float | None) -> int:
        """Give the trials that share a GPU of so much memory, from 1 to 8.

        Without its memory (None) a measured need says nothing, and so each trial has
        a GPU of its own.
        """
        if self.mib is None:
            return self.at_most
        fitting = 1 if memory_mib is None else int(memory_mib / self.mib)
        return max(1, min(self.at_most, fitting))

    def in_words(self) -> str:
        """Say by what the number of trials is chosen."""
        known = [] if self.mib is None else [f"a trial takes up to {self.mib / 1024:.1f} GiB by records"]
        names = ", ".join(self.unmeasured)
        unknown = [f"no record says what {names} takes, so at most {self.at_most}"] if names else []
        return "; ".join(known + unknown)


def gpu_need(configs: Iterable[TrialConfig], records: Mapping[str, Record]) -> GpuNeed:
    """Give what trials take of a GPU, by earlier records of the same recipe and corpus.

    The need is the highest peak among those records, with headroom and what each
    process takes. Another corpus says nothing of it, since longer texts take more.
    """
    peaks: dict[tuple[str, str, str], float] = {}
    for record in records.values():
        if record.costs is not None and record.costs.gpu_peak_mib is not None:
            key = record.encoder, record.recipe, record.corpus
            peaks[key] = max(peaks.get(key, 0.0), record.costs.gpu_peak_mib)
    wanted = dict.fromkeys((config.encoder, str(config.recipe["name"]), config.corpus) for config in configs)
    known = [HEADROOM * peaks[key] + PROCESS_MIB for key in wanted if key in peaks]
    unknown: dict[str, list[str]] = {}
    for encoder, recipe, corpus in wanted:
        if (encoder, recipe, corpus) not in peaks:
            unknown.setdefault(encoder, []).append(corpus)
    bounds = [FROZEN_UNMEASURED if encoder_from(encoder).kind == "frozen" else OTHERS_UNMEASURED for encoder in unknown]
    unmeasured = tuple(f"{encoder} ({', '.join(dict.fromkeys(corpora))})" for encoder, corpora in unknown.items())
    return GpuNeed(max(known, default=None), unmeasured, min([MOST_ON_A_GPU, *bounds]))


def with_gpu_share(
    asked: Resources,
    checked: Resources,
    configs: Sequence[TrialConfig],
    records: Mapping[str, Record],
    tell: Callable[[str], None],
) -> Resources:
    """Give the resources with the part of a GPU that each trial gets.

    Parameters
    ----------
    asked
        What the user asked for. `gpus_per_trial`, if it is above 0, is what each gets.
    checked
        The same, checked, with a whole GPU for each trial.
    configs
        The trials that run.
    records
        The records at hand.
    tell
        Is told how many trials share a GPU, and why.
    """
    if not asked.gpu or asked.gpus_per_trial > 0 or not configs:
        return checked
    need = gpu_need(configs, records)
    count = need.trials_on(gpu_memory_mib())
    tell(f"Up to {count} trial(s) at a time on a GPU: {need.in_words()}. --gpus-per-trial says otherwise.")
    share = math.floor(10_000 / count) / 10_000  # Ray counts in these steps, and the parts may not exceed the whole
    return dataclasses.replace(asked, threads_per_trial=checked.threads_per_trial, gpus_per_trial=share).checked()
