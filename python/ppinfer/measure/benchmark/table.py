"""A benchmark's report as rows of text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ppinfer.measure.benchmark.baseline import compare_figures
from ppinfer.measure.benchmark.figures import IDLE, STAGES

if TYPE_CHECKING:
    from ppinfer.measure.benchmark.figures import Figure
    from ppinfer.measure.benchmark.report import Report

FIGURE_HEADINGS = ("", "value", "unit", "spread", "meaning")
STAGE_HEADINGS = ("stage", "ms", "share", "alone, ms", "meaning")
COMPARISON_HEADINGS = ("against the baseline", "old", "new", "new / old", "beyond noise")
TEXT_COLUMNS = ("", "stage", "unit", "meaning", "against the baseline")
"""Headings of columns that hold text; the others hold numbers."""
STAGE_MEANINGS = {
    "read": "the file's bytes, from the page cache",
    "decode": "to pixels, in the part for the crop",
    "preprocess": "resize, crop, normalise, into the batch",
    "infer": "the engine",
    "postprocess": "scores to a result",
    "write": "a line of JSON, discarded",
    IDLE: "lanes that wait",
}


def summary(report: Report) -> tuple[str, str]:
    """Give a line on the model, and one on the images and their agreement with the reference."""
    agreement, images = report.agreement, report.images
    return (
        report.description,
        f"{images['count']} of {images['given']} images, {images['bytes'] / 1e6:.1f} MB; "
        f"{100 * agreement.share:.4g} % have the result of: {report.reference} "
        f"(scores differ by {agreement.largest_difference:.1g} at most)",
    )


def figure_rows(report: Report) -> list[tuple[str, ...]]:
    """Give throughput, roofline and latency, a row of `FIGURE_HEADINGS` each."""
    rows = []
    if report.throughput is not None and report.roofline is not None and report.share is not None:
        lanes = f"{report.throughput.lanes} lane{'s' * (report.throughput.lanes != 1)}"
        rows += [
            _row("throughput", report.throughput.images_per_s, "images/s", f"from files to records, by {lanes}"),
            _row("roofline", report.roofline.images_per_s, "images/s", "lanes / what the stages take alone"),
            _row("share", report.share, "%", "throughput / roofline", 100),
        ]
    if report.latency is not None:
        threads = f"{report.latency.threads} thread{'s' * (report.latency.threads != 1)}"
        meanings = {
            "p50": f"one image at a time, inference on {threads}: half took no longer",
            "p90": "90 of 100 took no longer",
            "p95": "95 of 100 took no longer",
            "p99": f"99 of 100 took no longer, of {report.latency.images}",
            "max": "the slowest",
            "mean": "1000 / this is images/s",
        }
        rows += [_row(f"latency {name}", report.latency.figures[name], "ms", said) for name, said in meanings.items()]
    return rows


def _row(name: str, figure: Figure, unit: str, meaning: str, factor: float = 1) -> tuple[str, ...]:
    return (name, _number(factor * figure.value), unit, f"{100 * figure.spread:.1f} %", meaning)


def _number(value: float) -> str:
    """Round to three or four digits.

    >>> _number(1234.56), _number(98.765), _number(1.23456), _number(0.01234)
    ('1235', '98.8', '1.23', '0.012')
    """
    digits = next((digits for least, digits in ((1000, 0), (10, 1), (1, 2)) if abs(value) >= least), 3)
    return f"{value:.{digits}f}"


def stage_rows(report: Report) -> list[tuple[str, ...]]:
    """Give where a lane's time goes, and the sum, a row of `STAGE_HEADINGS` each; empty without throughput."""
    if report.throughput is None or report.roofline is None:
        return []
    spent = {stage: figure.value for stage, figure in report.throughput.stage_ms.items()}
    alone = {stage: figure.value for stage, figure in report.roofline.stage_ms.items()}
    total = sum(spent.values())
    rows = [
        (
            stage,
            f"{spent[stage]:.3f}",
            f"{100 * spent[stage] / total:.1f} %",
            f"{alone[stage]:.3f}" if stage in alone else "",
            STAGE_MEANINGS[stage],
        )
        for stage in (*STAGES, IDLE)
    ]
    return [*rows, ("sum", f"{total:.3f}", "100 %", f"{sum(alone.values()):.3f}", "lane time an image")]


def comparison_rows(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Give each figure of both reports, a row of `COMPARISON_HEADINGS` each."""
    return [
        (
            f"{row.name}{f', {row.unit}' if row.unit else ''}",
            _number(row.old),
            _number(row.new),
            f"{row.ratio:.3f}",
            {True: "yes", False: "no", None: "unknown"}[row.beyond_noise],
        )
        for row in compare_figures(old, new)
    ]
