"""What a run has done so far, and whether it was all."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from ppinfer import _core
from ppinfer.ray.actor import NUMBER
from ppinfer.result import RunSummary

if TYPE_CHECKING:
    from ppinfer.ray.plan import ActorPlan
    from ppinfer.ray.sources import Inputs

PROGRESS_INTERVAL_S = 0.1
"""Between two calls of on_progress."""


class Totals:
    """Counts records, and sees to it that each image has exactly one."""

    def __init__(
        self,
        inputs: Inputs,
        plan: ActorPlan,
        start: float,
        on_progress: Callable[[RunSummary, int | None], object] | None,
    ) -> None:
        self._inputs, self._plan, self._start, self._on_progress = inputs, plan, start, on_progress
        self._images = self._errors = self._machine_errors = 0
        self._told = start

    def add(self, records: pa.Table) -> None:
        """Take the next records.

        Raises:
            RuntimeFailure: They aren't those that are due.
        """
        if self._inputs.images is not None:
            due = pa.array(range(self._images, self._images + records.num_rows), pa.int64())
            if not records[NUMBER].combine_chunks().equals(due):
                raise _core.RuntimeFailure(f"Ray handed over other records than those from {self._images} on")
        self._images += records.num_rows
        self._errors += _count(records["status"], "error")
        self._machine_errors += _count(records["error_stage"], "machine")
        if self._on_progress is not None and time.perf_counter() >= self._told + PROGRESS_INTERVAL_S:
            self._told = time.perf_counter()
            self._on_progress(self.summary(), self._inputs.images)

    def check(self) -> None:
        """See whether all are there.

        Raises:
            RuntimeFailure: Some aren't.
        """
        if self._inputs.images not in (None, self._images):
            raise _core.RuntimeFailure(f"Ray handed over {self._images} records of {self._inputs.images} images")
        if self._on_progress is not None:
            self._on_progress(self.summary(), self._inputs.images)

    @property
    def is_worth_a_file(self) -> bool:
        """Whether there are records, or other shards have them: without any input an earlier file stays."""
        return self._images > 0 or self._inputs.of_other_shards > 0

    def summary(self) -> RunSummary:
        """Give what the run did, or has done so far."""
        return RunSummary(
            images=self._images,
            errors=self._errors,
            machine_errors=self._machine_errors,
            skipped=self._inputs.skipped,
            wall_s=time.perf_counter() - self._start,
            lanes=self._plan.actors * self._plan.lanes,
            of_other_shards=self._inputs.of_other_shards,
            not_images=self._inputs.not_images,
        )


def _count(column: pa.ChunkedArray, value: str) -> int:
    return pc.sum(pc.equal(column, value)).as_py() or 0
