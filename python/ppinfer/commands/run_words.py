"""What is said when a run is over."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ppinfer.commands.run_state import counted
from ppinfer.commands.way_on import way_on
from ppinfer.outputs.sorting import CANNOT_BE_MOVED, Moves

if TYPE_CHECKING:
    from ppinfer.job import JobSummary
    from ppinfer.recording import Recorded
    from ppinfer.result import Summary


def no_images(inputs: str, summary: Summary) -> str:
    """Say that there was nothing to classify.

    >>> from ppinfer.result import Summary
    >>> no_images("a, b", Summary(images=0, errors=0, skipped=3, wall_s=0.1, not_images={".txt": 2}))
    'no images in a, b: 3 files skipped: 1 hidden or excluded, 2 not images (2 .txt)'
    """
    return f"no images in {inputs}" + (f": {summary.skipped_in_words}" if summary.skipped else "")


def empty_shard(shard: tuple[int, int], summary: JobSummary) -> str:
    """Say that other shards have all the images.

    >>> from ppinfer.job import JobSummary
    >>> empty_shard((1, 4), JobSummary(images=0, errors=0, skipped=0, wall_s=0.1, of_other_shards=3))
    'shard 1/4 is complete without any image: the 3 there are belong to other shards'
    """
    there_are = f"the {summary.of_other_shards:,} there are belong to other shards"
    return "shard {}/{} is complete without any image: ".format(*shard) + there_are


def in_words(recorded: Recorded, output: str, *, sorted_into: str | None = None, moved_into: str | None = None) -> str:
    """Say what a run did."""
    summary, files = recorded.summary, recorded.files
    text = ""
    if summary.done_before:
        text = f"{counted(summary.images_in_all, 'image')}, {summary.done_before:,} of them before and "
    text += f"{counted(summary.images, 'image')} in {summary.wall_s:.2f} s ({summary.images_per_s:.1f} images/s), "
    text += counted(summary.errors_in_all, "error")
    if summary.machine_errors:
        text += f" ({counted(summary.machine_errors, 'machine error')}; see the records)"
    if summary.skipped:
        text += f", {summary.skipped_in_words}"
    text += f"; records {records_place(summary, output)}"
    if sorted_into is not None:
        text += f"; {counted(files.sorted, 'image')} sorted into {sorted_into}"
        if files.gone:
            text += f" ({files.gone:,} not there any more)"
    if moved_into is not None and summary.ended == "complete":
        text += f"; {counted(files.moves.moved, 'bad image')} moved into {moved_into}"
        if files.moves.stayed:
            reasons = ", ".join(f"{count:,} {reason}" for reason, count in sorted(files.moves.stayed.items()))
            text += f", {files.moves.stayed.total():,} not moved: {reasons}"
    return text


def not_moved(moves: Moves) -> list[str]:
    """Name the first files of bad images that stay because the system doesn't let them go, a line each.

    >>> moves = Moves(refused=["cannot move a.jpg into bad: No room"])
    >>> moves.stayed[CANNOT_BE_MOVED] = 3
    >>> not_moved(moves)
    ['cannot move a.jpg into bad: No room', "2 more bad images can't be moved"]
    """
    more = moves.stayed[CANNOT_BE_MOVED] - len(moves.refused)
    return [*moves.refused, *([f"{counted(more, 'more bad image')} {CANNOT_BE_MOVED}"] if more else [])]


def records_place(summary: JobSummary, output: str) -> str:
    """Say where the records are now."""
    from ppinfer import _core

    if output == "-":
        return "on standard output"
    files = _core.job_files(os.fsencode(output))
    return f"in {output if files is None or summary.ended == 'complete' else files[1]}"


def stopped(summary: JobSummary, command: Sequence[str]) -> str:
    """Say why a run ended early, and how it goes on.

    Args:
        summary: Of the run.
        command: Its own, from `ppinfer` on.
    """
    reason = "interrupted"
    if summary.ended == "max_errors":
        images = counted(summary.images_in_all, "image")
        reason = f"stopped early: too many errors ({summary.errors_in_all:,} of {images})"
    if not (summary.images_in_all and summary.can_resume):
        return f"{reason}; the images done so far have their records"
    return f"{reason}; the records so far are kept. {way_on(command, over_limit=summary.ended == 'max_errors')}"
