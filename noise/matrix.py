"""Noise by an arbitrary transition matrix, given in place or in a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np

from benchmark.contracts import BenchmarkError, LabelArray, Matching, NoiseInputs, NoiseModel, PathText, register_noise
from benchmark.contracts.arrays import FloatArray
from benchmark.contracts.hashes import sha256_hex
from noise._citations import PATRINI_2017

FILES = (".csv", ".npy")
TOLERANCE = 1e-6


@register_noise
class Matrix(NoiseModel):
    """T[k, j] = P(ỹ = j | y = k), any matrix whose rows sum to one.

    `law`: the rows in place, `matrix(0.9 0.1; 0.2 0.8)`, or a .csv file of numbers
    alone, or a .npy file (no pickle). Of the N_k examples of class k the number
    labelled j is N_k · T[k, j] rounded by largest remainder: every entry of the
    realised matrix is within 1 / N_k of T. Who gets which label is drawn. A file's hash
    is part of the trial's id. Patrini et al., CVPR 2017, arXiv:1609.03683, section 2.
    """

    name = "matrix"
    family = "class-dependent"
    citation = PATRINI_2017
    law: Annotated[str, Matching(PathText, "rows with ';' between, or the path of a file")]

    def corrupt(self, inputs: NoiseInputs) -> LabelArray:
        """Give the noisy labels, int64 (N,); a class vanishes where T says so."""
        clean, matrix = inputs.clean_labels, self.transition_matrix(inputs.num_classes)
        noisy = clean.astype(np.int64, copy=True)
        order = np.lexsort((inputs.draws.uniform("assign"), clean))
        counts = np.bincount(clean, minlength=inputs.num_classes)
        for k, rows in enumerate(np.split(order, np.cumsum(counts)[:-1])):
            noisy[rows] = np.repeat(np.arange(inputs.num_classes), largest_remainders(matrix[k], len(rows)))
        return noisy

    def transition_matrix(self, num_classes: int) -> FloatArray:
        """Give the matrix as it was written, float64 (C, C)."""
        matrix = self._read()
        if matrix.shape != (num_classes, num_classes):
            rows, columns = matrix.shape
            raise BenchmarkError(
                f"Noise '{self}': the matrix has {rows} rows and {columns} columns; {num_classes} classes need "
                f"{num_classes} and {num_classes}."
            )
        return self._checked(matrix)

    def check(self, label_names: Sequence[str]) -> None:
        """Check that the matrix is of this size, without a negative entry, and that
        each row sums to one.
        """
        super().check(label_names)
        self.transition_matrix(len(label_names))

    def contents(self) -> dict[str, str]:
        """Give the hash of the file's bytes."""
        if not self._in_file():
            return {}
        return {"law_sha256": sha256_hex(self._bytes())}

    def _checked(self, matrix: FloatArray) -> FloatArray:
        bad = np.argwhere(~np.isfinite(matrix) | (matrix < 0))
        if len(bad):
            k, j = bad[0]
            raise BenchmarkError(
                f"Noise '{self}': row {k}, column {j} (from 0) is {matrix[k, j]:g}, not a probability."
            )
        sums = matrix.sum(axis=1)
        wrong = np.flatnonzero(np.abs(sums - 1.0) > TOLERANCE)
        if len(wrong):
            named = ", ".join(f"row {k} sums to {sums[k]:.8g}" for k in wrong[:5])
            raise BenchmarkError(f"Noise '{self}': rows, counted from 0, must sum to one: {named}.")
        scaled: FloatArray = matrix / sums[:, None]
        return scaled

    def _in_file(self) -> bool:
        return self.law.lower().endswith(FILES)

    def _bytes(self) -> bytes:
        try:
            return Path(self.law).read_bytes()
        except OSError as error:
            raise BenchmarkError(f"Noise '{self}': '{self.law}' cannot be read: {error.strerror}.") from None

    def _read(self) -> FloatArray:
        if self.law.lower().endswith(".npy"):
            return self._array()
        text = self.law
        if self._in_file():
            try:
                text = self._bytes().decode("utf-8-sig").strip().replace(",", " ").replace("\r", "").replace("\n", ";")
            except UnicodeDecodeError:
                raise BenchmarkError(f"Noise '{self}': '{self.law}' is not text in UTF-8.") from None
        rows = [self._numbers(row, place) for place, row in enumerate(text.split(";"))]
        uneven = [place for place, row in enumerate(rows) if len(row) != len(rows)]
        if uneven:
            raise BenchmarkError(
                f"Noise '{self}': the matrix has {len(rows)} rows, and row {uneven[0]} (from 0) has "
                f"{len(rows[uneven[0]])} entries; it must be square."
            )
        return np.array(rows, dtype=np.float64)

    def _numbers(self, row: str, place: int) -> list[float]:
        for entry in row.split():
            try:
                float(entry)
            except ValueError:
                raise BenchmarkError(
                    f"Noise '{self}': '{entry}' in row {place} (from 0) is no number. Write rows with ';' between and "
                    f"entries with spaces, as in matrix(0.9 0.1; 0.2 0.8), or name a file ({', '.join(FILES)})."
                ) from None
        return [float(entry) for entry in row.split()]

    def _array(self) -> FloatArray:
        try:
            stored = np.load(Path(self.law), allow_pickle=False)
        except OSError as error:
            raise BenchmarkError(f"Noise '{self}': '{self.law}' cannot be read: {error.strerror or error}.") from None
        except (ValueError, EOFError) as error:
            raise BenchmarkError(f"Noise '{self}': '{self.law}' is no plain array of numbers ({error}).") from None
        if not isinstance(stored, np.ndarray) or stored.ndim != 2 or stored.dtype.kind not in "fiu":
            raise BenchmarkError(f"Noise '{self}': '{self.law}' holds no matrix of numbers; (C, C) floats are wanted.")
        return stored.astype(np.float64)


def largest_remainders(shares: FloatArray, total: int) -> LabelArray:
    """Give whole numbers that add up to `total` and differ from total · shares by less
    than one, int64 of their shape.

    Units that are left go to the largest remainders, the first at a tie: Hamilton's
    method.

    >>> largest_remainders(np.array([0.5, 0.3, 0.2]), 7).tolist()
    [4, 2, 1]
    """
    exact = total * np.asarray(shares)
    # Products such as 3 · (1/3) may fall short of their whole number by one last bit.
    whole = np.floor(exact + 1e-9).astype(np.int64)
    left = total - int(whole.sum())
    whole[np.argsort(whole - exact, kind="stable")[:left]] += 1
    return whole
