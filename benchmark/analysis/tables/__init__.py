"""Tables of a report: each builder takes a setting and gives tables; a new table is a
new file and a line here.
"""

from __future__ import annotations

from collections.abc import Callable

from benchmark.analysis.layout.table import Cell, Column, Row, Table
from benchmark.analysis.result_set import ResultSet
from benchmark.analysis.tables.across import across_tables, claims_under_both
from benchmark.analysis.tables.averages import average_tables
from benchmark.analysis.tables.by_cell.agreement import agreement_tables, checked_tables
from benchmark.analysis.tables.by_cell.diagnostics import diagnostic_tables
from benchmark.analysis.tables.by_cell.differences import comparisons, difference_tables
from benchmark.analysis.tables.by_cell.main import main_tables, single_tables
from benchmark.analysis.tables.by_cell.rates import rate_tables
from benchmark.analysis.tables.by_cell.selection import selection_tables
from benchmark.analysis.tables.by_cell.training import training_tables
from benchmark.analysis.tables.corpora import corpus_tables
from benchmark.analysis.tables.costs import cost_tables
from benchmark.analysis.tables.ensembles import ensemble_tables
from benchmark.analysis.tables.failures import failure_tables
from benchmark.analysis.tables.metrics import calibration_tables, leading_macro_f1_tables, macro_f1_tables
from benchmark.analysis.tables.missing import missing_tables
from benchmark.analysis.tables.needs import need_tables
from benchmark.analysis.tables.reference import reference_tables
from benchmark.analysis.tables.winners import winner_tables

__all__ = ["BUILDERS", "Cell", "Column", "Row", "Table", "all_tables", "claims_under_both", "comparisons"]

BUILDERS: tuple[Callable[[ResultSet], list[Table]], ...] = (
    winner_tables,
    reference_tables,
    leading_macro_f1_tables,
    main_tables,
    checked_tables,
    agreement_tables,
    average_tables,
    corpus_tables,
    across_tables,
    difference_tables,
    single_tables,
    ensemble_tables,
    macro_f1_tables,
    calibration_tables,
    rate_tables,
    training_tables,
    cost_tables,
    need_tables,
    selection_tables,
    diagnostic_tables,
    failure_tables,
    missing_tables,
)


def all_tables(results: ResultSet) -> list[Table]:
    """Give every table of a setting, in the order of the report."""
    return [table for build in BUILDERS for table in build(results)]
