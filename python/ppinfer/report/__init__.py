"""One HTML page of a run's records: what `ppinfer report` and `ppinfer classify --report` write."""

from __future__ import annotations

from ppinfer.report.table_library import need_table_library
from ppinfer.report.writing import LOW_CONFIDENCE, MOST_ROWS, MOST_THUMBNAILS, ReportSummary, write_report

__all__ = [
    "LOW_CONFIDENCE",
    "MOST_ROWS",
    "MOST_THUMBNAILS",
    "ReportSummary",
    "need_table_library",
    "write_report",
]
