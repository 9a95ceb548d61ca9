"""What a benchmark found, and the JSON that keeps it.

Schema 1. A figure is {"value", "spread", "rounds"}: the value, the distance from the least to the largest of the rounds
as a share of it, and the same value of each round. Times are milliseconds unless the key ends in _s.

    schema              1
    made_at             UTC, ISO 8601
    settings            mode; seconds (of each mode); warmup_s
    machine             cpu, cpu_features, cpus, allowed_cpus (affinity and cgroup quota), ram_bytes, kernel,
                        load_average (of the minute before the start)
    versions            ppinfer, engine (its name and its library's version), python
    config              every key's value in effect
    model               description; files: [{name, bytes, sha256}]
    images              count, bytes, sha256 (of names and sizes) of the images that were timed; given: how many there
                        were at first; bad: {path: reason}
    agreement           reference (whose results count as right), images, share (of those with the same result),
                        least_share, largest_difference (of scores), score_tolerance (null: not checked),
                        disagreeing: {path: how}
    throughput, or null images_per_s: figure; stage_ms: {read, decode, preprocess, infer, postprocess, write, idle:
                        figure}, lane time an image; cpu_share: figure, CPU time over the lane time that isn't idle;
                        lanes; threads_per_lane; batch_size; round_images
    bound, or null      images_per_s: figure; stage_ms: as above without idle, alone on one lane; share: figure, of the
                        bound that the throughput reached
    latency, or null    p50_ms, p90_ms, p95_ms, p99_ms, max_ms, mean_ms: figure, whose value is of all images; images:
                        how many latencies; threads: of one inference
    notes               what a reader of the figures should know

A change that takes or renames a key raises `schema`; new keys don't.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ppinfer.agreement import Agreement
    from ppinfer.measure.benchmark.figures import Figure, Latency, Roofline, Throughput
    from ppinfer.measure.benchmark.tolerances import Tolerance

SCHEMA = 1


@dataclass
class Report:
    """One benchmark. Measurements that weren't asked for are None."""

    made_at: str
    settings: dict[str, Any]
    machine: dict[str, Any]
    versions: dict[str, str]
    config: dict[str, str]
    description: str
    model_files: list[dict[str, Any]]
    images: dict[str, Any]
    reference: str
    agreement: Agreement
    tolerance: Tolerance
    throughput: Throughput | None = None
    roofline: Roofline | None = None
    share: Figure | None = None
    latency: Latency | None = None
    notes: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Give it in JSON's types, as the head of this file has it."""
        return {
            "schema": SCHEMA,
            "made_at": self.made_at,
            "settings": self.settings,
            "machine": self.machine,
            "versions": self.versions,
            "config": self.config,
            "model": {"description": self.description, "files": self.model_files},
            "images": {**self.images, "bad": self.agreement.bad},
            "agreement": {
                "reference": self.reference,
                "images": self.agreement.images,
                "share": self.agreement.share,
                "least_share": self.tolerance.least_share,
                "largest_difference": self.agreement.largest_difference,
                "score_tolerance": self.tolerance.scores,
                "disagreeing": self.agreement.disagreeing,
            },
            "throughput": self._throughput(),
            "bound": self._roofline(),
            "latency": self._latency(),
            "notes": self.notes,
        }

    def _throughput(self) -> dict[str, Any] | None:
        if self.throughput is None:
            return None
        return {
            "images_per_s": self.throughput.images_per_s.as_dict(),
            "stage_ms": _as_dicts(self.throughput.stage_ms),
            "cpu_share": self.throughput.cpu_share.as_dict(),
            "lanes": self.throughput.lanes,
            "threads_per_lane": int(self.config["threads_per_lane"]),
            "batch_size": int(self.config["batch_size"]),
            "round_images": self.throughput.round_images,
        }

    def _roofline(self) -> dict[str, Any] | None:
        if self.roofline is None or self.share is None:
            return None
        return {
            "images_per_s": self.roofline.images_per_s.as_dict(),
            "stage_ms": _as_dicts(self.roofline.stage_ms),
            "share": self.share.as_dict(),
        }

    def _latency(self) -> dict[str, Any] | None:
        if self.latency is None:
            return None
        figures = {f"{name}_ms": figure.as_dict() for name, figure in self.latency.figures.items()}
        return {**figures, "images": self.latency.images, "threads": self.latency.threads}


def _as_dicts(figures: dict[str, Figure]) -> dict[str, dict[str, Any]]:
    return {name: figure.as_dict() for name, figure in figures.items()}
