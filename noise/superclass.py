"""Noise within super-classes: a class is mistaken for another of its group alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated

import numpy as np

from benchmark.contracts import BenchmarkError, LabelArray, Matching, NoiseInputs, NoiseModel, NoiseRate, register_noise
from benchmark.contracts.arrays import FloatArray
from noise._citations import PATRINI_2017
from noise._targets import flipped_to, target_matrix

BY_PREFIX = "prefix"
GROUPS = f"{BY_PREFIX}|[0-9]+([-/][0-9]+)*"
"""The pattern of groups: what `_listed` reads."""


@register_noise
class Superclass(NoiseModel):
    """T[k, k] = 1 - rate and T[k, s(k)] = rate, s(k) being the class after k in k's
    group, the first after the last.

    `groups`: `prefix` puts classes together whose names agree up to the first dot
    (comp.graphics, comp.windows.x); `0-3-4/1-2` lists the groups by class number, from
    0. A class alone in its group keeps its labels: `rate` holds in each of the others,
    with exact counts, and the share of wrong labels in the whole is lower. Patrini et
    al., CVPR 2017, arXiv:1609.03683, section 5 (flips within the super-classes of
    CIFAR-100).
    """

    name = "superclass"
    family = "class-dependent"
    citation = PATRINI_2017
    rate: NoiseRate
    groups: Annotated[str, Matching(GROUPS, "prefix or class numbers, as in 0-1-2/3-4")] = BY_PREFIX

    def corrupt(self, inputs: NoiseInputs) -> LabelArray:
        """Give the noisy labels, int64 (N,), whose sets are nested across rates."""
        return flipped_to(inputs, self.rate, self._targets(inputs.label_names, inputs.num_classes))

    def transition_matrix(self, num_classes: int) -> FloatArray | None:
        """Give the transition matrix of the equation above, float64 (C, C).

        None where the groups depend on the names of the classes.
        """
        return None if self.groups == BY_PREFIX else target_matrix(self.rate, self._targets((), num_classes))

    def rate_bound(self, num_classes: int) -> float:
        """Give one half, where a class and its successor are equally likely."""
        return 0.5

    def check(self, label_names: Sequence[str]) -> None:
        """Check that some group has two classes, and that listed groups hold each class
        of this corpus once at most.
        """
        super().check(label_names)
        self._targets(label_names, len(label_names))

    def _targets(self, label_names: Sequence[str], num_classes: int) -> LabelArray:
        groups = _by_prefix(label_names) if self.groups == BY_PREFIX else self._listed(num_classes)
        targets = np.arange(num_classes)
        for group in groups:
            targets[group] = np.roll(group, -1)
        if (targets == np.arange(num_classes)).all():
            raise BenchmarkError(
                f"Noise '{self}': no two classes are of one group. The classes are {', '.join(label_names)}; "
                f"list groups by number, as in {self.name}({self.rate:g},groups=0-1/2-3)."
            )
        return targets

    def _listed(self, num_classes: int) -> list[list[int]]:
        groups = [[int(number) for number in group.split("-")] for group in self.groups.split("/")]
        numbers = [number for group in groups for number in group]
        for number in numbers:
            if number >= num_classes:
                raise BenchmarkError(
                    f"Noise '{self}' groups class {number}; classes are numbered from 0 to {num_classes - 1}."
                )
            if numbers.count(number) > 1:
                raise BenchmarkError(f"Noise '{self}' groups class {number} twice.")
        return groups


def _by_prefix(label_names: Iterable[str]) -> list[list[int]]:
    groups: dict[str, list[int]] = {}
    for k, name in enumerate(label_names):
        groups.setdefault(name.partition(".")[0], []).append(k)
    return list(groups.values())
