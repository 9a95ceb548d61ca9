"""What a job is told, and what it tells at its end."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ppinfer.result import Summary

if TYPE_CHECKING:
    from ppinfer._core import CoreResult, JobProgress, RecordStore

JobEnd = Literal["complete", "max_errors", "interrupted"]


@dataclass(frozen=True, kw_only=True)
class JobOptions:
    """Where records go, and what happens when a run is stopped.

    >>> JobOptions(output="answers.jsonl", resume=True).format
    'jsonl'
    """

    output: str | os.PathLike[str]
    """The file that is there once all inputs have their records, until then `OUTPUT.part` and `OUTPUT.journal`; "-" is
    standard output. What is not a regular file (a pipe, a device) is written directly, and can't be resumed."""
    format: str = "jsonl"
    """ "jsonl", "csv", "spreadsheet" or "text"; with a `store` its own name for what it writes."""
    resume: bool = False
    """Go on where a stopped run has left its records; where there was none, begin with the first input."""
    force: bool = False
    """Start over, whatever a stopped run has left."""
    errors: str | os.PathLike[str] | None = None
    """A file that the records of errors go to as well, in the same format (jsonl beside a `store`)."""
    max_errors: int | None = None
    """With more errors than this the job ends early. Those from before a resume count too."""
    max_error_percent: float | None = None
    """With a larger share of errors than this, percent, from 100 images on."""
    store: RecordStore | None = None
    """Takes the records in place of a file of `format`; it has to write to `_core.job_files(output)`."""
    on_results: Callable[[list[CoreResult]], object] | None = None
    """Called with every 256 results, or what half a second has given, before their records count as done: after a kill
    it may get some of them once more. In order, never two calls at once, from any thread."""
    on_progress: Callable[[JobProgress], object] | None = None
    """Called about every 100 ms, in the thread of the call, with the totals so far."""
    on_begin: Callable[[str], object] | None = None
    """Called before the first input, once the run has the output to itself, with the run's id: 32 hexadecimal digits
    that only a resumed run shares; "" where nothing can be resumed."""
    on_complete: Callable[[], object] | None = None
    """Called once the output is in place. A run that is killed before the call returns makes it when it is resumed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSummary(Summary):
    """What a job did. `images`, `errors`, `wall_s` and the like are of this run; a resumed run has others before it.

    >>> summary = JobSummary(images=50, errors=1, skipped=0, wall_s=2.0, done_before=150, errors_before=3)
    >>> summary.images_in_all, summary.errors_in_all, summary.images_per_s
    (200, 4, 25.0)
    """

    ended: JobEnd = "complete"
    """ "complete"; or stopped early, with the records so far kept: "max_errors", "interrupted"."""
    done_before: int = 0
    """Images that a stopped run had done, which this one resumed."""
    errors_before: int = 0
    """Of these images."""
    of_other_shards: int = 0
    """Inputs that this run's shard doesn't have."""
    nothing_to_resume: bool = False
    """`resume` was asked for, and there was no stopped run."""
    can_resume: bool = False
    """A run with `resume` can continue this one: records go into a file, and no image came from a pipe."""

    @property
    def images_in_all(self) -> int:
        """Records in the output."""
        return self.done_before + self.images

    @property
    def errors_in_all(self) -> int:
        """Of these records."""
        return self.errors_before + self.errors
