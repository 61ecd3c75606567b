"""Imported noise: labels that were made elsewhere, in a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from benchmark.contracts import (
    BenchmarkError,
    LabelArray,
    Matching,
    NoiseInputs,
    NoiseModel,
    PathText,
    at_least,
    register_noise,
)
from benchmark.contracts.hashes import sha256_of_file
from benchmark.contracts.labels.files import read_labels


@register_noise
class Imported(NoiseModel):
    """ỹ = the label that `file` gives the text, -1 where its row has none; the same for
    every seed.

    A CSV file as `noise export` writes it: split, id, noisy_label (a class number),
    noisy_label_name and, so that other texts are noticed, text_sha256. `noise import`
    checks one that was made elsewhere. The file's hash is part of the trial's id.
    `held_out`: how many of the classes, the last ones, validation and test shall not
    have. The rate is what it is. The manifest reports it.
    """

    name = "imported"
    family = "labels from elsewhere"
    reads_texts = True
    reads_clean_labels = False
    file: Annotated[str, Matching(PathText, "the path of a CSV file")]
    held_out: Annotated[int, at_least(0)] = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "holds_out_classes", self.held_out > 0)

    def corrupt(self, inputs: NoiseInputs) -> LabelArray:
        """Give the file's labels, int64 (N,), in [0, C) or -1."""
        table = read_labels(Path(self.file), inputs.label_names)
        if not table.by_id:
            raise BenchmarkError(
                f"Noise '{self}': '{self.file}' finds texts by row number, which moves when a corpus is cut. Let "
                "`noise import` write it with ids."
            )
        return table.labels_of(inputs.draws.split, inputs.draws.ids, self.require(inputs.texts, "words"))

    def check(self, label_names: Sequence[str]) -> None:
        """Check that the file is there and that its classes are the corpus's."""
        super().check(label_names)
        self.in_distribution(len(label_names))
        read_labels(Path(self.file), label_names)

    def in_distribution(self, num_classes: int) -> int:
        """Give C less the classes held out."""
        if num_classes - self.held_out < 2:
            raise BenchmarkError(
                f"Noise '{self}' leaves {max(num_classes - self.held_out, 0)} of {num_classes} classes; at least two "
                "must remain."
            )
        return num_classes - self.held_out

    def contents(self) -> dict[str, str]:
        """Give the hash of the file's bytes."""
        if Path(self.file).exists() and not Path(self.file).is_file():
            raise BenchmarkError(f"Noise '{self}': '{self.file}' cannot be read: it is no file.")
        try:
            return {"file_sha256": sha256_of_file(Path(self.file))}
        except OSError as error:
            raise BenchmarkError(f"Noise '{self}': '{self.file}' cannot be read: {error.strerror}.") from None
