import io

import pytest
from fontTools.ttLib import TTFont
from matplotlib.figure import Figure

from benchmark.analysis.figures.drawing import drawing, look
from benchmark.analysis.figures.fonts import _letters
from tests.support.figures import in_every_format, of_pdf


def drawn(words):
    figure = Figure()
    figure.subplots().set_title(words)
    with in_every_format(), look():
        return drawing(figure, "key", "Title: one", "Caption.")


@pytest.mark.parametrize("words", ["plain", "ñ…", "Ярлык", "αβ → ∞"])
def test_the_font_of_a_pdf_holds_an_outline_for_each_letter(words):
    fonts = [TTFont(io.BytesIO(content)) for content in of_pdf(drawn(words).pdf) if content[:4] == b"\0\1\0\0"]
    outlines = [sum(font["glyf"][name].numberOfContours != 0 for name in font.getGlyphOrder()) for font in fonts]
    assert max(outlines) >= len(set(words))


def test_what_was_drawn_before_does_not_change_a_pdf():
    _letters.cache_clear()
    alone = drawn("accuracy").pdf
    drawn("точность")
    assert drawn("accuracy").pdf == alone


def test_a_font_is_cut_once_for_figures_with_letters_of_one_block():
    _letters.cache_clear()
    drawn("one")
    cut = _letters.cache_info().misses
    drawn("two")
    assert _letters.cache_info().misses == cut
