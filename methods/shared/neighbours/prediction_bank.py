"""The bank of noisy prediction calibration: each batch's most confident text of each
predicted class.
"""

from __future__ import annotations

import torch
from torch import Tensor

from methods.shared.neighbours.nearest import nearest, weighted_votes


def most_confident(probabilities: Tensor, order: Tensor, batch_size: int) -> Tensor:
    """Give the rows of the bank, int64, from class probabilities (N, C), cut into
    batches in the given order (N,).

    Of each batch and each class predicted in it, the bank has the text whose prediction
    is most confident. Ties go to the earlier. Bae et al., ICML 2022, arXiv:2205.00690.
    """
    confidence, predicted = probabilities.max(1)
    rows = []
    for start in range(0, len(order), batch_size):
        batch = order[start : start + batch_size]
        ranked = batch[confidence[batch].argsort(descending=True, stable=True)]
        seen: set[int] = set()
        for row, label in zip(ranked.tolist(), predicted[ranked].tolist(), strict=True):
            if label not in seen:
                seen.add(label)
                rows.append(row)
    return torch.tensor(rows, dtype=torch.int64, device=probabilities.device)


def most_confident_votes(
    embedding: Tensor, probabilities: Tensor, order: Tensor, batch_size: int, neighbours: int
) -> Tensor:
    """Give the predicted classes of each text's nearest texts of the bank as shares,
    (N, C), by inverse distance.

    Members of the bank are their own nearest, as in the authors' code.
    """
    bank = most_confident(probabilities, order, batch_size)
    distances, positions = nearest(embedding, embedding[bank], neighbours)
    return weighted_votes(distances, probabilities.argmax(1)[bank][positions], probabilities.shape[1])
