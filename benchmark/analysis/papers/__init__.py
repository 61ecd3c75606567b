"""A paper's tables again: measured beside published; a new paper is a TOML file
here.
"""

from benchmark.analysis.papers.report import PaperReport, write_paper
from benchmark.analysis.papers.spec import Paper, load_paper, paper_names

__all__ = ["Paper", "PaperReport", "load_paper", "paper_names", "write_paper"]
