"""How fast images are classified on this machine, and how fast they could be: what `ppinfer benchmark` measures."""

from __future__ import annotations

from ppinfer.benchmark.baseline import Row, compare_figures, differences, load_report
from ppinfer.benchmark.figures import Figure
from ppinfer.benchmark.report import SCHEMA, Report
from ppinfer.benchmark.run import MODES, Plan, benchmark
from ppinfer.benchmark.throughput import IDLE, STAGES, Throughput, ThroughputMeter

__all__ = [
    "IDLE",
    "MODES",
    "SCHEMA",
    "STAGES",
    "Figure",
    "Plan",
    "Report",
    "Row",
    "Throughput",
    "ThroughputMeter",
    "benchmark",
    "compare_figures",
    "differences",
    "load_report",
]
