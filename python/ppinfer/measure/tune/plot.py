"""Latency against throughput of all candidates, as a picture."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ppinfer._core import Error
from ppinfer.measure.tune.outcome import pareto_front

if TYPE_CHECKING:
    from ppinfer.measure.tune.outcome import Outcome
    from ppinfer.measure.tune.tuning import Tuning

WIDTH_IN, HEIGHT_IN, DOTS_PER_INCH = 9, 5, 150
MARGIN = 1.08  # so that no point lies on the frame
DRAWN_BY = "ppinfer tune"
"""Stands in the metadata of each plot, so that the next one may replace it."""
METADATA_KEYS = {".png": "Software", ".svg": "Creator"}
START_BYTES = 4096  # of a file, which hold its metadata
MARKERS = {"exact": "o", "fast": "^"}


def figure_class() -> Any:
    """Import what draws; it needs no window.

    Raises:
        Error: It isn't installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise Error(f"--plot needs {error.name or 'matplotlib'}: pip install 'ppinfer[tune]'") from None
    return Figure


def check_plot(path: str) -> None:
    """Refuse, before the search, a plot that can't be drawn or would replace an image that is not an earlier plot.

    Raises:
        Error: The message says why.
    """
    figure_class()
    if not os.path.isfile(path):
        return
    try:
        with open(path, "rb") as file:
            start = file.read(START_BYTES)
    except OSError as error:
        raise Error(f"--plot {path}: {error.strerror}") from None
    if start and DRAWN_BY.encode() not in start:
        raise Error(f"--plot {path}: found an image that ppinfer tune did not draw, expected a new file")


def write_plot(tuning: Tuning, path: str) -> None:
    """Draw what was measured.

    Raises:
        Error: Nothing was, matplotlib isn't installed, or the file can't be written.
    """
    measured = [one for one in tuning.outcomes if one.measured and not one.problem]
    if not measured:
        raise Error(f"--plot {path}: no measurement to draw")
    figure = figure_class()(figsize=(WIDTH_IN, HEIGHT_IN), dpi=DOTS_PER_INCH, layout="constrained")
    axes = figure.add_subplot()
    groups = sorted({(one.candidate.engine, one.candidate.precision) for one in measured})
    colors = {group: f"C{number}" for number, group in enumerate(groups)}
    for outcome in measured:
        _draw_point(axes, tuning, outcome, colors[outcome.candidate.engine, outcome.candidate.precision])
    _draw_front(axes, tuning)
    _draw_marks(axes, tuning)
    _draw_legend(axes, colors, measured, tuning.search.passes)
    axes.set_xlabel("images/s, all lanes")
    axes.set_ylabel("p50 latency of a single image, ms")
    axes.set_title(f"{len(measured)} candidates on {len(tuning.sample.images)} images; right and down is better")
    axes.grid(alpha=0.3)
    places = [_place(tuning, one) for one in measured]
    axes.set_xlim(0, MARGIN * max(x for x, _ in places))
    axes.set_ylim(0, MARGIN * max(y for _, y in places))
    try:
        figure.savefig(path, metadata={METADATA_KEYS[path[-4:]]: DRAWN_BY})
    except OSError as error:
        raise Error(f"--plot {path}: {error.strerror}") from None


def _place(tuning: Tuning, outcome: Outcome) -> tuple[float, float]:
    figures = tuning.figures(outcome)
    assert figures is not None  # it was measured
    return figures.images_per_s, figures.latency_ms


def _draw_point(axes: Any, tuning: Tuning, outcome: Outcome, color: str) -> None:
    x, y = _place(tuning, outcome)
    inside = color if tuning.search.passes(outcome) else "none"
    axes.plot(x, y, MARKERS[outcome.candidate.decode], color=color, markerfacecolor=inside, markersize=7, zorder=3)


def _draw_front(axes: Any, tuning: Tuning) -> None:
    places = [_place(tuning, one) for one in pareto_front(tuning.search.eligible)]
    if not places:  # all are refused
        return
    axes.plot(*zip(*places, strict=True), "--", color="gray", linewidth=1, zorder=2, label="Pareto front")


def _draw_marks(axes: Any, tuning: Tuning) -> None:
    """Frame the chosen settings and the user's own; the legend lists both."""
    marks = (("chosen", tuning.chosen, "o", 16), ("yours", tuning.original, "s", 12))
    for word, outcome, frame, size in marks:
        if outcome is None or not outcome.measured:
            continue
        one = outcome.candidate
        settings = f"{one.engine} {one.precision},\n{one.lanes} x {one.threads_per_lane}, batch {one.batch_size}"
        axes.plot(
            *_place(tuning, outcome),
            frame,
            color="black",
            markerfacecolor="none",
            markersize=size,
            zorder=4,
            linestyle="none",
            label=f"{word}: {settings}, {one.decode}",
        )


def _draw_legend(
    axes: Any, colors: dict[tuple[str, str], str], measured: list[Outcome], passes: Callable[[Outcome], bool]
) -> None:
    for (engine, precision), color in colors.items():
        axes.plot([], [], "o", color=color, label=f"{engine} {precision}")
    if any(one.candidate.decode == "fast" for one in measured):
        axes.plot([], [], MARKERS["fast"], color="gray", label="decode fast")
    if not all(passes(one) for one in measured):
        axes.plot([], [], "o", color="gray", markerfacecolor="none", label="refused or not checked")
    axes.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
