"""Tests within a cell and across cells, and the correction for many of them."""

from benchmark.analysis.statistics.across import Across, AgainstReference, compare_blocks
from benchmark.analysis.statistics.attainable import blocks_needed, smallest_p
from benchmark.analysis.statistics.bayes import Posterior, bayesian_signed_rank
from benchmark.analysis.statistics.holm import holm
from benchmark.analysis.statistics.pairs import Pair, exploratory_pairs
from benchmark.analysis.statistics.prior import Prior, Sampled, prior_of
from benchmark.analysis.statistics.within import (
    Comparison,
    best_mean,
    compare_with_best,
    paired_comparison,
    sampled_variances,
)

__all__ = [
    "Across",
    "AgainstReference",
    "Comparison",
    "Pair",
    "Posterior",
    "Prior",
    "Sampled",
    "bayesian_signed_rank",
    "best_mean",
    "blocks_needed",
    "compare_blocks",
    "compare_with_best",
    "exploratory_pairs",
    "holm",
    "paired_comparison",
    "prior_of",
    "sampled_variances",
    "smallest_p",
]
