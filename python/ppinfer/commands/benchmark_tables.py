"""A benchmark's report as tables for people; plain ones where there is no terminal."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ppinfer.commands.failures import shown
from ppinfer.commands.run_state import counted
from ppinfer.measure.benchmark import IDLE, STAGES, compare_figures, differences

if TYPE_CHECKING:
    from ppinfer.measure.benchmark import Figure, Report

PLAIN_WIDTH = 120  # columns, where no terminal has a say
STAGE_MEANINGS = {
    "read": "the file's bytes, from the page cache",
    "decode": "to pixels, as much as the crop needs",
    "preprocess": "resize, crop, normalise, into the batch",
    "infer": "the engine",
    "postprocess": "scores to an answer",
    "write": "a line of JSON, to nowhere",
    IDLE: "no stage: lanes that wait",
}


def print_report(report: Report) -> None:
    """Print what was measured, each figure with what it means."""
    agreement, images = report.agreement, report.images
    print(shown(report.description))
    answers = f"the answer of: {report.reference} (scores differ by {agreement.largest_difference:.1g} at most)"
    print(
        shown(
            f"{images['count']} of {images['given']} images, {images['bytes'] / 1e6:.1f} MB; "
            f"{100 * agreement.share:.4g} % have {answers}"
        )
    )
    _print_table(("", "value", "unit", "spread", "meaning"), figure_rows(report))
    if report.throughput is not None:
        _print_table(("stage", "ms", "share", "alone, ms", "meaning"), stage_rows(report))


def figure_rows(report: Report) -> list[tuple[str, ...]]:
    """Throughput, bound and latency, a row each."""
    rows = []
    if report.throughput is not None and report.bound is not None and report.share is not None:
        lanes = counted(report.throughput.lanes, "lane")
        rows += [
            _row("throughput", report.throughput.images_per_s, "images/s", f"from files to records, by {lanes}"),
            _row("bound", report.bound.images_per_s, "images/s", "lanes / what the stages take alone"),
            _row("share", report.share, "%", "of the bound that the throughput reached", 100),
        ]
    if report.latency is not None:
        threads = counted(report.latency.threads, "thread")
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
    """Four digits where they say something.

    >>> _number(1234.56), _number(98.765), _number(1.23456), _number(0.01234)
    ('1235', '98.8', '1.23', '0.012')
    """
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.1f}" if abs(value) >= 10 else _small(value)


def _small(value: float) -> str:
    return f"{value:.2f}" if abs(value) >= 1 else f"{value:.3f}"


def stage_rows(report: Report) -> list[tuple[str, ...]]:
    """Where a lane's time goes, and the sum."""
    assert report.throughput is not None
    assert report.bound is not None
    spent = {stage: figure.value for stage, figure in report.throughput.stage_ms.items()}
    alone = {stage: figure.value for stage, figure in report.bound.stage_ms.items()}
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


def print_comparison(old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """Print an old report beside the new one, and what else is different."""
    rows = [
        (
            f"{row.name}{f', {row.unit}' if row.unit else ''}",
            _number(row.old),
            _number(row.new),
            f"{row.ratio:.3f}",
            {True: "yes", False: "no", None: "unknown"}[row.beyond_noise],
        )
        for row in compare_figures(old, new)
    ]
    if rows:
        _print_table(("against the baseline", "old", "new", "new / old", "beyond noise"), rows)
        print("\nbeyond noise: the ranges of both's rounds have nothing in common")
    else:
        print("\nthe baseline has none of these figures: it is of another --mode")
    for difference in differences(old, new):
        print(shown(f"differs (old | new): {difference}"))


def _print_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print columns; all but the first and those of text to the right."""
    is_terminal = sys.stdout.isatty()
    table = Table(box=SIMPLE_HEAD if is_terminal else None, pad_edge=False, padding=(0, 2, 0, 0))
    for position, heading in enumerate(headings):
        is_text = position == 0 or heading in ("unit", "meaning")
        table.add_column(heading, justify="left" if is_text else "right", overflow="fold")
    for row in rows:
        table.add_row(*(Text(shown(cell)) for cell in row))
    if not is_terminal:
        print()
    Console(width=None if is_terminal else PLAIN_WIDTH).print(table)
