"""What one training showed of each training text, with the truth beside it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class Dynamics:
    """What one training showed of each training text; N texts, E points.

    `wrong`: bool (N,), whether the given label is wrong. `distances`: float64 (E, N),
    to the centre of the text's noisy class. `auroc`: of mean plus deviation of these as
    a sign of a wrong label. `plane`: float64 (N, 2), whole trajectories on their first
    two principal components, which hold a share `explained` of the variance.
    """

    corpus: str
    noise: str
    encoder: str
    method: str
    seed: int
    fractions: tuple[float, ...]
    wrong: npt.NDArray[np.bool_]
    distances: npt.NDArray[np.float64]
    auroc: float
    plane: npt.NDArray[np.float64]
    explained: float
