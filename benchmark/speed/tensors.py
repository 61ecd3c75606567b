"""Lines on how tensors are laid out: padding, and DyGen's imagined labels."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark.contracts import LabelArray, generator
from benchmark.corpora import load_card
from benchmark.speed.model import Measurement
from benchmark.speed.setting import THREADS, Bare, Setting, baseline_run, plain_training, trial_inputs_of, warm_up
from benchmark.speed.timing import in_turn, median_ratio, seconds_of
from benchmark.training.threads import torch_threads

if TYPE_CHECKING:
    import torch

TRAJECTORY_POINTS, EMBEDDING_WIDTH = 20, 512
"""What a head over frozen features shows DyGen: its points and the width of its
embedding.
"""


@dataclass(frozen=True)
class PaddedToMaximum:
    """Tokens of some texts, every batch padded to one width, as where lengths are not
    looked at.
    """

    inputs: Any
    width: int

    def __len__(self) -> int:
        return len(self.inputs)

    def lengths(self) -> LabelArray:
        """The same for all texts, (N,)."""
        return np.full(len(self), self.width)

    def batch(self, rows: LabelArray, device: torch.device) -> dict[str, torch.Tensor]:
        """The batch of the inputs, (B, width)."""
        from torch.nn.functional import pad

        batch = self.inputs.batch(rows, device)
        missing = self.width - batch["input_ids"].shape[1]
        return {
            "input_ids": pad(batch["input_ids"], (0, missing), value=self.inputs.padding),
            "attention_mask": pad(batch["attention_mask"], (0, missing)),
        }


def padding(setting: Setting) -> list[Measurement]:
    """Training and inference with batches padded to the recipe's maximum, over the same
    with sorted lengths.
    """
    warm_up(setting, setting.tuned)
    task = setting.task("cross_entropy", setting.tuned)
    trial_inputs = trial_inputs_of(task)
    inputs = trial_inputs.train_inputs
    width = int(task.config.recipe["max_tokens"])
    padded = dataclasses.replace(trial_inputs, train_inputs=PaddedToMaximum(inputs, width))
    runs: dict[str, list[Bare]] = {"sorted": [], "padded": []}

    def timed(name: str, given: Any) -> Callable[[int], float]:
        def run(turn: int) -> float:
            runs[name].append(baseline_run(task, plain_training(1), given))
            return runs[name][-1].wall_s

        return run

    in_turn(setting.sizes.tuned_repeats, {"sorted": timed("sorted", trial_inputs), "padded": timed("padded", padded)})
    lengths = inputs.lengths()
    if lengths is None:
        raise ValueError("padding is measured on tokens")
    mean = float(lengths.mean())
    return [
        Measurement(
            "padding",
            f"{what}: batches padded to {width} tokens / of similar length, {setting.tuned} on {setting.corpus}",
            median_ratio(*([run.phases[phase] for run in runs[name]] for name in ("padded", "sorted"))),
            "×",
            seconds={name: statistics.median(run.phases[phase] for run in runs[name]) for name in runs},
            note=f"texts have {mean:.1f} tokens on average",
        )
        for what, phase in (("training", "train"), ("inference", "evaluate training set"))
    ]


def imagined_labels(setting: Setting) -> list[Measurement]:
    """Concentrations under all imagined labels: a loop over the classes, over one
    product.
    """
    small = len(load_card(setting.corpus).label_names)
    return [_imagined(setting, classes) for classes in dict.fromkeys((small, 20))]


def _imagined(setting: Setting, classes: int) -> Measurement:
    import torch

    from methods.shared.generative.autoencoder import DirichletAutoencoders
    from methods.shared.generative.trajectories import CHUNK_ROWS

    width = TRAJECTORY_POINTS * EMBEDDING_WIDTH
    draws = generator("speed", "trajectories")
    trajectory = torch.from_numpy(draws.standard_normal((1, CHUNK_ROWS, width), dtype=np.float32) / width**0.5)
    model = DirichletAutoencoders(1, width, classes)
    labels = torch.eye(classes)

    def loop() -> torch.Tensor:
        each = [model.encode(model.project(trajectory), label.expand(1, CHUNK_ROWS, -1)) for label in labels]
        return torch.stack(each, dim=2)

    def product() -> torch.Tensor:
        return model.imagine(model.project(trajectory))

    with torch.inference_mode(), torch_threads(THREADS):
        torch.testing.assert_close(loop(), product())
        rounds = in_turn(
            4 * setting.sizes.repeats, {"loop": lambda _: seconds_of(loop), "product": lambda _: seconds_of(product)}
        )
    return Measurement(
        "imagined-labels",
        f"loop over {classes} imagined labels / one product, {CHUNK_ROWS} texts, trajectories of {width}",
        median_ratio(rounds["loop"], rounds["product"]),
        "×",
        seconds={name: statistics.median(found) for name, found in rounds.items()},
    )
