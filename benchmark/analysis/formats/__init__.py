"""Tables as Markdown and LaTeX; the HTML page has its template."""

from benchmark.analysis.formats.latex import latex, latex_tables
from benchmark.analysis.formats.markdown import markdown, markdown_tables

__all__ = ["latex", "latex_tables", "markdown", "markdown_tables"]
