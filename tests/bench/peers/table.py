"""What a contest found, as tables of Markdown and as JSON."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from peers.contest import Outcome

PADDLECLAS, ONNXRUNTIME, OPENVINO, PPINFER = "PaddleClas", "ONNX Runtime", "OpenVINO", "ppinfer"

Key = tuple[str, str]
"""Of a column: whose, and in which precision."""

RATES: tuple[Key, ...] = (
    (PADDLECLAS, "fp32"),
    (ONNXRUNTIME, "fp32"),
    (OPENVINO, "fp32"),
    (PPINFER, "fp32"),
    (OPENVINO, "bf16"),
    (PPINFER, "bf16"),
)
RATIOS: tuple[tuple[Key, Key], ...] = (
    ((PPINFER, "fp32"), (PADDLECLAS, "fp32")),
    ((PPINFER, "fp32"), (ONNXRUNTIME, "fp32")),
    ((PPINFER, "fp32"), (OPENVINO, "fp32")),
    ((PPINFER, "bf16"), (PADDLECLAS, "fp32")),
    ((PPINFER, "bf16"), (OPENVINO, "bf16")),
)


@dataclass(frozen=True)
class Spread:
    """A median, with the least and the most."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        return cls(statistics.median(values), min(values), max(values))

    def text(self, digits: int) -> str:
        return f"{self.median:.{digits}f} ({self.least:.{digits}f}–{self.most:.{digits}f})"


@dataclass(frozen=True)
class Match:
    """The contest on one network."""

    title: str
    outcomes: Sequence[Outcome]
    top1_right: Mapping[str, float]
    """Share of photos whose true class an entry names, by the entry's name; empty for untrained networks."""

    def best(self, key: Key) -> Outcome | None:
        """The fastest of the entries that this column is about; None when none has times."""
        timed = [outcome for outcome in self.outcomes if _is_of(outcome, key) and outcome.rounds]
        return max(timed, key=lambda outcome: statistics.median(outcome.images_per_s), default=None)


def rates(matches: Iterable[Match]) -> list[list[str]]:
    """Images/s: rows of cells, the headings first."""
    rows = [["images/s", *(f"{name} {precision}" for name, precision in RATES)]]
    for match in matches:
        cells = []
        for key in RATES:
            best = match.best(key)
            cells.append("–" if best is None else Spread.of(best.images_per_s).text(0) + _engine(best))
        rows.append([match.title, *cells])
    return rows


def ratios(matches: Iterable[Match]) -> list[list[str]]:
    """How many times as fast as each other ppinfer is."""
    rows = [["times as fast", *(f"{ours[1]} : {theirs[0]} {theirs[1]}" for ours, theirs in RATIOS)]]
    for match in matches:
        found = (ratio(match.best(ours), match.best(theirs)) for ours, theirs in RATIOS)
        rows.append([match.title, *("–" if value is None else value.text(2) for value in found)])
    return rows


def ratio(ours: Outcome | None, theirs: Outcome | None) -> Spread | None:
    """Of each round by itself: what slows the machine down for a while slows both."""
    if ours is None or theirs is None:
        return None
    pairs = zip(ours.images_per_s, theirs.images_per_s, strict=True)
    return Spread.of([our_rate / their_rate for our_rate, their_rate in pairs])


def answers(matches: Iterable[Match]) -> list[list[str]]:
    """How far everyone's answers are from the reference's."""
    rows = [["answers", "by", "top-1 as the reference", "or as good", "largest difference", "error", "top-1 right"]]
    for match in matches:
        for outcome in match.outcomes:
            if (found := outcome.agreement) is None:
                continue
            right = match.top1_right.get(outcome.entry.name)
            shares = (f"{share:.1%}" for share in (found.top1_same, found.top1_as_good))
            differences = (f"{found.largest_difference:.1g}", f"{found.error:.1g}")
            known = "" if right is None else f"{right:.1%}"
            rows.append([match.title, outcome.entry.name, *shares, *differences, known])
    return rows


def problems(matches: Iterable[Match]) -> list[str]:
    """A line for each contestant that dropped out."""
    return [
        f"{match.title}: {outcome.entry.name} has no times: {outcome.problem}"
        for match in matches
        for outcome in match.outcomes
        if outcome.problem
    ]


def share_of_others(matches: Iterable[Match]) -> float:
    """Share of the machine that other processes took while contestants were timed; the median of all rounds."""
    shares = [done["share_of_others"] for m in matches for outcome in m.outcomes for done in outcome.rounds]
    return statistics.median(shares) if shares else 0.0


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """A table whose columns stand under each other; numbers to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]

    def line(cells: Sequence[str]) -> str:
        first, *others = zip(cells, widths, strict=True)
        return "| " + " | ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]) + " |"

    rule = "|" + "|".join(["-" * (widths[0] + 2), *("-" * (width + 1) + ":" for width in widths[1:])]) + "|"
    return "\n".join([line(rows[0]), rule, *(line(row) for row in rows[1:])])


def as_dict(match: Match) -> dict[str, Any]:
    """All of it, for JSON."""
    return {
        "model": match.title,
        "contestants": [
            {
                "name": outcome.entry.name,
                "precision": outcome.entry.precision,
                "rounds": outcome.rounds,
                "images_per_s": asdict(Spread.of(outcome.images_per_s)) if outcome.rounds else None,
                "agreement": asdict(outcome.agreement) if outcome.agreement else None,
                "top1_right": match.top1_right.get(outcome.entry.name),
                "problem": outcome.problem,
            }
            for outcome in match.outcomes
        ],
        "ratios": [
            {"of": list(ours), "to": list(theirs), **asdict(value)}
            for ours, theirs in RATIOS
            if (value := ratio(match.best(ours), match.best(theirs))) is not None
        ],
    }


def _is_of(outcome: Outcome, key: Key) -> bool:
    name, precision = key
    return outcome.entry.name.split(",")[0] == name and outcome.entry.precision == precision


def _engine(outcome: Outcome) -> str:
    """Which of ppinfer's engines it was, where it isn't the usual one."""
    return " paddle" if "engine paddle" in outcome.entry.name else ""
