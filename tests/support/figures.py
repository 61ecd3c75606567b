"""Figures in tests that look at other things: drawn once, as SVG."""

import re
import zlib
from contextlib import contextmanager
from functools import wraps

import pytest


@pytest.fixture(scope="session", autouse=True)
def svg_alone():
    """A figure is drawn as SVG; what would be its PNG and PDF says that it is none.

    A test that asks for `every_format` has all three.
    """
    from matplotlib.figure import Figure

    draw = Figure.savefig

    @wraps(draw)
    def savefig(self, sink, *given, format, **more):
        if format == "svg":
            draw(self, sink, *given, format=format, **more)
        else:
            sink.write(f"no {format} in this test".encode())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Figure, "savefig", savefig)
        yield


@contextmanager
def in_every_format():
    """Within it figures are drawn as PNG and PDF, too."""
    from matplotlib.figure import Figure

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Figure, "savefig", Figure.savefig.__wrapped__)
        yield


@pytest.fixture
def every_format():
    """Figures of this test are drawn as PNG and PDF, too."""
    with in_every_format():
        yield


def of_pdf(content):
    """The streams that a PDF holds, without their compression."""
    return [zlib.decompress(found) for found in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL)]
