"""The letters in PDF files, which a process cuts out of each font once."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from typing import Any

from fontTools import subset
from fontTools.ttLib import TTFont
from matplotlib.backends import _backend_pdf_ps
from matplotlib.backends._backend_pdf_ps import SubsetResults

SHAPING = ("GDEF", "GPOS", "GSUB", "MATH", "kern")
"""Tables by which text is shaped. That of a figure is shaped already."""

OF_NO_USE = ("FFTM", "meta")
BLOCK = 128
"""So many glyphs with numbers beside each other come together."""


@contextmanager
def letters_cut_once() -> Iterator[None]:
    """Save PDF files with letters that were cut out of their fonts before.

    matplotlib reads the whole font for each figure, thousands of glyphs, which takes
    longer than all else of its PDF.
    """
    usual = _backend_pdf_ps.get_glyphs_subset
    _backend_pdf_ps.get_glyphs_subset = _kept_letters
    try:
        yield
    finally:
        _backend_pdf_ps.get_glyphs_subset = usual


def _kept_letters(fontfile: Any, glyphs: set[int]) -> AbstractContextManager[SubsetResults]:
    """Stand for the function of matplotlib that cuts these glyphs out of a font."""
    return nullcontext(_letters(str(fontfile), fontfile.face_index, frozenset(int(glyph) // BLOCK for glyph in glyphs)))


@cache
def _letters(path: str, face: int, blocks: frozenset[int]) -> SubsetResults:
    """Cut some blocks of glyphs out of a font, and give the numbers that they then
    have.
    """
    options = subset.Options(hinting=False)
    options.drop_tables += [*SHAPING, *OF_NO_USE]
    cutter = subset.Subsetter(options)
    with TTFont(path, fontNumber=face, recalcBBoxes=False, recalcTimestamp=False, lazy=True) as font:
        cutter.populate(gids=[glyph for glyph in range(font["maxp"].numGlyphs) if glyph // BLOCK in blocks])
        cutter.subset(font)
        content = io.BytesIO()
        font.save(content)
    return SubsetResults(TTFont(content, recalcBBoxes=False, recalcTimestamp=False), dict(cutter.glyph_index_map))
