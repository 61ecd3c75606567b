"""Tables as Markdown and LaTeX; the HTML page has its template."""

from benchmark.analysis.formats.latex import latex
from benchmark.analysis.formats.markdown import markdown, markdown_tables

__all__ = ["latex", "markdown", "markdown_tables"]
