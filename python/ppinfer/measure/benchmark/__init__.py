"""How fast images are classified on this machine, and how fast they could be: what `ppinfer benchmark` measures."""

from __future__ import annotations

from ppinfer.measure.benchmark.baseline import Row, compare_figures, differences, load_report
from ppinfer.measure.benchmark.report import SCHEMA, Report
from ppinfer.measure.benchmark.run import MODES, Plan, benchmark
from ppinfer.measure.figures import Figure
from ppinfer.measure.throughput import IDLE, STAGES, Throughput, ThroughputMeter

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
