"""Two reports side by side: what became faster or slower, by more than noise, and what else is different."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ppinfer import _core
from ppinfer.config_fields import FIELDS
from ppinfer.measure.benchmark.report import SCHEMA
from ppinfer.text_files import read_file

# Where figures stand in a report, and their unit.
FIGURES = {
    "throughput": ("throughput", "images_per_s", "images/s"),
    "roofline": ("bound", "images_per_s", "images/s"),
    "share of the roofline": ("bound", "share", ""),
    **{
        f"{stage}, of all lanes": ("throughput", "stage_ms", stage, "ms")
        for stage in ("read", "decode", "preprocess", "infer", "postprocess", "write", "idle")
    },
    **{f"latency {name}": ("latency", f"{name}_ms", "ms") for name in ("p50", "p90", "p95", "p99", "max", "mean")},
}
# Keys that may differ where what they name is the same: the files' hashes are compared.
PATH_KEYS = {key for key, field in FIELDS.items() if field.names_input}
MACHINE = ("cpu", "cpu_features", "cpus", "allowed_cpus", "ram_bytes", "kernel")


@dataclass(frozen=True)
class Row:
    """A figure then and now."""

    name: str
    unit: str
    old: float
    new: float
    beyond_noise: bool | None
    """The ranges of both's rounds have nothing in common; None: one has a single round, which has no range."""

    @property
    def ratio(self) -> float:
        """New / old; infinite where the old was 0."""
        return self.new / self.old if self.old else float("inf")


def load_report(path: str) -> dict[str, Any]:
    """Read a report that `--json` wrote.

    Raises:
        Error: It can't be read, or is none.

    >>> load_report("cat.jpg")
    Traceback (most recent call last):
        ...
    ppinfer.Error: cat.jpg: not a report of ppinfer benchmark; expected a file from --json
    """
    try:
        content = json.loads(read_file(path))
    except (ValueError, RecursionError):  # no JSON, or no text
        content = None
    if not isinstance(content, dict) or "schema" not in content:
        raise _core.Error(f"{path}: not a report of ppinfer benchmark; expected a file from --json")
    if content["schema"] != SCHEMA:
        raise _core.Error(
            f"{path}: schema {content['schema']}, expected {SCHEMA}: repeat the measurement with this ppinfer"
        )
    missing = [key for key in ("settings", "machine", "versions", "config", "model", "images") if key not in content]
    if missing:
        raise _core.Error(f"{path}: the report lacks {', '.join(missing)}")
    try:  # whatever will be asked of it
        [row.new - row.old for row in compare_figures(content, content)]
        list(differences(content, content))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _core.Error(f"{path}: the report is damaged: {type(error).__name__}: {error}") from None
    return content


def compare_figures(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Row]:
    """Compare each figure that both reports have."""
    rows = []
    for name, (*place, unit) in FIGURES.items():
        then, now = _at(old, place), _at(new, place)
        if then is None or now is None:
            continue
        rows.append(Row(name, unit, then["value"], now["value"], _apart(then["rounds"], now["rounds"])))
    return rows


def _apart(then: Sequence[float], now: Sequence[float]) -> bool | None:
    apart = min(then) > max(now) or min(now) > max(then)
    return apart if min(len(then), len(now)) > 1 else None


def _at(report: Mapping[str, Any], place: list[str]) -> Any:
    value: Any = report
    for key in place:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """Name what else is different, with the old and the new value: it can change the figures.

    >>> a = {"machine": {"cpus": 2}, "versions": {}, "config": {"topk": "5"}, "settings": {"seconds": 1}}
    >>> a |= {"images": {"sha256": "0", "count": 3}, "model": {"files": []}}
    >>> list(differences(a, {**a, "config": {"topk": "1"}}))
    ['config topk: 5 | 1']
    """
    for key in MACHINE:
        yield from _different(f"machine {key}", old["machine"].get(key), new["machine"].get(key))
    if _hashes(old) != _hashes(new):
        names = (", ".join(name for name, _ in _hashes(report)) for report in (old, new))
        yield f"model: the files differ by SHA-256: {' | '.join(names)}"
    for key in sorted({*old["config"], *new["config"]} - PATH_KEYS):
        yield from _different(f"config {key}", old["config"].get(key), new["config"].get(key))
    for key in sorted({*old["versions"], *new["versions"]}):
        yield from _different(f"version of {key}", old["versions"].get(key), new["versions"].get(key))
    if old["images"].get("sha256") != new["images"].get("sha256"):
        counts = (f"{report['images'].get('count')} images" for report in (old, new))
        yield f"images: names and sizes differ: {' | '.join(counts)}"
    for key in ("seconds", "warmup_s"):
        yield from _different(f"settings {key}", old["settings"].get(key), new["settings"].get(key))


def _hashes(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(os.path.basename(file["name"]), file["sha256"]) for file in report["model"]["files"]]


def _different(name: str, old: object, new: object) -> Iterator[str]:
    if old != new:
        yield f"{name}: {'none' if old is None else old} | {'none' if new is None else new}"
