"""Methods that each break the contract in one way."""

import dataclasses
import inspect
import random

import numpy as np
import torch

from benchmark.contracts import GradientMethod, TrainingDiagnostics, UsesNoiseRate

KEPT = []


def broken(cls):
    return dataclasses.dataclass(frozen=True, repr=False)(cls)


@broken
class Plain(GradientMethod):
    name = "plain"

    def loss(self, batch):
        return batch.losses.mean()

    def reshaped(self, points, change):
        """The points with every probability array passed through `change`."""
        for point in points:
            yield dataclasses.replace(point, predict=lambda seen: change(seen[-1].probabilities.copy()))


def frames_above():
    frame = inspect.currentframe()
    while frame is not None:
        yield frame
        frame = frame.f_back


@broken
class ReadsCleanLabels(Plain):
    """Finds the harness's own variables by walking up the stack."""

    def start(self, view, trainer):
        clean = next(f.f_locals["trial_inputs"] for f in frames_above() if "trial_inputs" in f.f_locals).noisy.train
        view.train.noisy_labels[:] = clean.clean_labels
        trainer._labels[:] = torch.from_numpy(clean.clean_labels)


@broken
class ReadsCleanTestLabels(Plain):
    def fit(self, view, trainer):
        for point in super().fit(view, trainer):
            watched = next(
                f.f_locals["self"].watched for f in frames_above() if hasattr(f.f_locals.get("self"), "watched")
            )
            truth = np.eye(view.num_classes, dtype=np.float32)[watched.clean_test][:, None]
            yield dataclasses.replace(
                point,
                predict=lambda seen, truth=truth: (
                    truth if len(truth) == len(seen[-1].probabilities) else seen[-1].probabilities
                ),
            )


@broken
class DrawsFromTorch(Plain):
    def loss(self, batch):
        return (batch.losses * torch.rand(len(batch.rows))).mean()


@broken
class DrawsFromNumpy(Plain):
    def loss(self, batch):
        return batch.losses.mean() * np.random.uniform()  # noqa: NPY002 - the fault under test


@broken
class DrawsFromPython(Plain):
    def loss(self, batch):
        return batch.losses.mean() * random.random()


@broken
class SeedsTheWorld(Plain):
    def start(self, view, trainer):
        torch.manual_seed(0)


@broken
class ChangesThreads(Plain):
    def start(self, view, trainer):
        torch.set_num_threads(torch.get_num_threads() + 1)


@broken
class LeavesGradientsOff(Plain):
    def fit(self, view, trainer):
        yield from super().fit(view, trainer)
        torch.set_grad_enabled(False)


@broken
class GivesNan(Plain):
    def fit(self, view, trainer):
        return self.reshaped(super().fit(view, trainer), lambda p: np.where(p > 0.5, np.nan, p))


@broken
class SumsToTwo(Plain):
    def fit(self, view, trainer):
        return self.reshaped(super().fit(view, trainer), lambda p: np.clip(2 * p, 0, 1))


@broken
class LosesAnAxis(Plain):
    def fit(self, view, trainer):
        return self.reshaped(super().fit(view, trainer), lambda p: p[:, 0])


@broken
class StopsEarly(Plain):
    def fit(self, view, trainer):
        for point in super().fit(view, trainer):
            if point.fraction < 1.0:
                yield point


@broken
class GoesBackwards(Plain):
    def fit(self, view, trainer):
        points = list(super().fit(view, trainer))
        yield from (points[1], points[0], points[-1])


@broken
class NeverSelectable(Plain):
    def fit(self, view, trainer):
        for point in super().fit(view, trainer):
            yield dataclasses.replace(point, selectable=False)


@broken
class NeedsEveryClass(Plain):
    def start(self, view, trainer):
        sizes = np.bincount(view.train.noisy_labels, minlength=view.num_classes).tolist()
        return [1 / size for size in sizes]


@broken
class NeedsTwoTexts(Plain):
    def loss(self, batch):
        if len(batch.rows) < 2:
            raise ValueError("a batch of one")
        return batch.losses.mean()


@broken
class NeedsThreeClasses(Plain):
    def loss(self, batch):
        return batch.losses.mean() + 0 * batch.logits[..., 2].mean()


@broken
class NeedsARightLabel(UsesNoiseRate, Plain):
    def start(self, view, trainer):
        kept = int((1 - view.estimated_rate) * len(view.train))
        return view.train.noisy_labels[:kept].max()


@broken
class DividesByTheRate(UsesNoiseRate, Plain):
    def start(self, view, trainer):
        return 1 / view.estimated_rate


@broken
class CountsTrials(Plain):
    """What is kept between trials changes with each of them."""

    def loss(self, batch):
        return batch.losses.mean() * (1 + len(KEPT))

    def start(self, view, trainer):
        KEPT.append(len(view.train))


@broken
class RemembersOtherCorpora(Plain):
    """What is kept between trials changes only when another corpus comes along."""

    def start(self, view, trainer):
        if view.num_classes not in KEPT:
            KEPT.append(view.num_classes)

    def loss(self, batch):
        return batch.losses.mean() * len(KEPT)


@broken
class ReportsTooFew(Plain):
    def findings(self, view, trainer, networks, state):
        return TrainingDiagnostics(suspicion=np.zeros(3))


@broken
class CorrectsToNothing(Plain):
    def findings(self, view, trainer, networks, state):
        return TrainingDiagnostics(corrected_labels=np.full(len(view.train), view.num_classes))


@broken
class LearnsNothing(Plain):
    def loss(self, batch):
        return 0.0 * batch.losses.mean()
