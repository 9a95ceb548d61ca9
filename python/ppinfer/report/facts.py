"""What is known of the run that made the records, in the form in which the page shows it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ppinfer._core import Error
from ppinfer.text_files import read_text_file

MOST = 1e18

# What a run's totals are called; all else is shown by the name that it has.
_TOTALS = ("images", "errors", "skipped", "done_before", "wall_ms", "stage_ms", "lanes")


@dataclass(frozen=True)
class Stage:
    """A part of the lanes' time."""

    name: str
    seconds: float
    share: float
    """Of 1."""


@dataclass(frozen=True)
class RunFacts:
    """What the page says about the run."""

    wall_s: float | None = None
    images_per_s: float | None = None
    """Of the images that this run classified: not of those that an earlier one had done before it was resumed."""
    images: int | None = None
    """That the run classified, and those done before it."""
    done_before: int = 0
    skipped: int = 0
    lanes: int | None = None
    stages: list[Stage] = field(default_factory=list)
    """In the order given, and last what the lanes waited."""
    others: list[tuple[str, str]] = field(default_factory=list)
    """Name and value, each a text."""
    groups: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=list)
    """Such as the config: a heading, and names with values."""


def read_facts(path: str) -> dict[str, Any]:
    """Read the facts of a run from a JSON file.

    Raises:
        Error: It can't be read, or doesn't hold a JSON object.
    """
    try:
        found = json.loads(read_text_file(path))
    except (ValueError, RecursionError) as error:
        raise Error(f"{path}: not JSON: {error}") from None
    if not isinstance(found, dict):
        raise Error(f'{path}: expected a JSON object such as {{"wall_ms": 1200}}')
    return found


def run_facts(facts: Mapping[str, Any] | None) -> RunFacts:
    """Make RunFacts of a dict in which any entry may be missing.

    Args:
        facts: `images`, `errors`, `skipped`, `done_before` (of `images`), `wall_ms`, `stage_ms` (a dict by stage,
            summed over the lanes) and `lanes`, as a run's totals are. Further entries are shown as they are: a dict as
            a group of its own.

    Raises:
        Error: One of these isn't of the type that it should be.

    >>> made = run_facts({"images": 200, "wall_ms": 2000.0, "lanes": 1, "stage_ms": {"decode": 1500.0}, "model": "m"})
    >>> made.images_per_s, [(stage.name, stage.share) for stage in made.stages], made.others
    (100.0, [('decode', 0.75), ('waiting', 0.25)], [('model', 'm')])
    """
    given = dict(facts or {})
    images = _number(given, "images", int)
    done_before = _number(given, "done_before", int) or 0
    wall_ms = _number(given, "wall_ms", float)
    lanes = _number(given, "lanes", int)
    of_this_run = None if images is None else images - done_before
    return RunFacts(
        wall_s=None if wall_ms is None else wall_ms / 1e3,
        images_per_s=None if of_this_run is None or not wall_ms else of_this_run / wall_ms * 1e3,
        images=images,
        done_before=done_before,
        skipped=_number(given, "skipped", int) or 0,
        lanes=lanes,
        stages=_stages(given.get("stage_ms") or {}, wall_ms, lanes),
        others=[
            (name, _text(value))
            for name, value in given.items()
            if name not in _TOTALS and not isinstance(value, Mapping)
        ],
        groups=[
            (name, [(str(key), _text(entry)) for key, entry in value.items()])
            for name, value in given.items()
            if name not in _TOTALS and isinstance(value, Mapping) and value
        ],
    )


def _number(facts: Mapping[str, Any], name: str, kind: type) -> Any:
    value = facts.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < MOST:
        raise Error(f"facts of the run: {name} is {value!r:.100}, expected a number from 0 to {MOST:g}")
    return kind(value)


def _stages(stage_ms: Any, wall_ms: float | None, lanes: int | None) -> list[Stage]:
    if not isinstance(stage_ms, Mapping):
        raise Error(f"facts of the run: stage_ms is {stage_ms!r:.100}, expected milliseconds by the name of a stage")
    spent = {str(name): _number(stage_ms, name, float) or 0.0 for name in stage_ms}
    busy_ms = sum(spent.values())
    if wall_ms and lanes and lanes * wall_ms > busy_ms > 0:
        spent["waiting"] = lanes * wall_ms - busy_ms
    total_ms = sum(spent.values())
    return [Stage(name, ms / 1e3, ms / total_ms) for name, ms in spent.items()] if total_ms > 0 else []


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return f"{value:g}"
    return json.dumps(value, ensure_ascii=False, default=str)
