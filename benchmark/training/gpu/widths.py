"""The widths that batches of tokens have on a GPU: few, so that plans and graphs are
few.
"""

from __future__ import annotations

from bisect import bisect_left

import torch

WIDTHS = (16, 32, 48, 64, 96, 128, 192, 256, 320, 384, 448, 512)
"""In tokens. A batch is padded to the next of them."""


def few_widths(device: torch.device) -> bool:
    """Say whether batches on a device are padded to few widths."""
    return device.type == "cuda"


def padded_width(longest: int, most: int) -> int:
    """Give the width to which a batch is padded.

    Parameters
    ----------
    longest : tokens of the longest text of the batch.
    most : tokens of the longest text of all, which no batch exceeds. It is what the
        encoder's cut leaves where a text was cut, and so the last of the widths.

    Returns
    -------
    int
        The next width from `longest` on, at most `most`.

    >>> padded_width(17, 128), padded_width(100, 120), padded_width(600, 700)
    (32, 120, 700)
    """
    place = bisect_left(WIDTHS, longest)
    return min(WIDTHS[place] if place < len(WIDTHS) else most, most)
