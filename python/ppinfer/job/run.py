"""One job from its options to its summary."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol

from ppinfer import _core
from ppinfer.job.identity import identity_of
from ppinfer.job.interrupts import held_back
from ppinfer.job.options import JobOptions, JobSummary

if TYPE_CHECKING:
    from collections.abc import Mapping


class Inputs(Protocol):
    """What a job classifies: an InputSelection."""

    def open(self) -> _core.ImageFiles:
        """Begin with the first input."""

    def describe(self) -> Mapping[str, str]:
        """Say what makes it these inputs, as keys and values."""


def run_job(predictor: _core.Predictor, inputs: Inputs, options: JobOptions) -> JobSummary:
    """Classify what is left of the inputs, a record each.

    A killed process loses what was in flight and no more; resumed, the job ends with the very output of one that was
    never stopped. Ctrl-C lets the images that are begun have their records, and the summary says "interrupted"; a
    second one raises KeyboardInterrupt.

    Args:
        predictor: The core's.
        inputs: They must be the same ones when the job is resumed.
        options: Where records go, and the rest.

    Raises:
        ConfigError: A stopped run has left records, and `options` don't say what to do with them; or they say to resume
            it and the model, the config, the format or an input is another one: the message names what has changed.
        RuntimeFailure: Another run has the output, or it can't be written. What was done stays to be resumed.
    """
    opened = inputs.open()
    identity = identity_of(predictor, options.format, inputs.describe())
    with held_back(options.on_progress) as on_progress:
        totals = _core.run_job(
            predictor,
            opened,
            output=os.fsencode(options.output),
            format=options.format,
            identity=[(_encoded(key), _encoded(value)) for key, value in identity],
            resume=options.resume,
            force=options.force,
            errors_path=os.fsencode(options.errors) if options.errors is not None else b"",
            max_errors=-1 if options.max_errors is None else options.max_errors,
            max_error_percent=-1.0 if options.max_error_percent is None else options.max_error_percent,
            store=options.store,
            on_results=options.on_results,
            on_progress=on_progress,
            on_begin=options.on_begin,
            on_complete=options.on_complete,
        )
    return JobSummary(
        images=totals["images"],
        errors=totals["errors"],
        machine_errors=totals["machine_errors"],
        skipped=totals["skipped"],
        wall_s=totals["wall_ms"] / 1e3,
        stage_s={stage: ms / 1e3 for stage, ms in totals["stage_ms"].items()},
        lanes=totals["lanes"],
        ended=totals["ended"],
        done_before=totals["done_before"],
        errors_before=totals["errors_before"],
        of_other_shards=totals["of_other_shards"],
        nothing_to_resume=totals["nothing_to_resume"],
        can_resume=totals["can_resume"],
        not_images=totals["not_images"],
        notices=tuple(totals["notices"]),
    )


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
