"""What `ppinfer classify` adds to the sentence about a run: what became of image files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ppinfer.commands.run_state import counted
from ppinfer.outputs.sorting import CANNOT_BE_MOVED, Moves

if TYPE_CHECKING:
    from ppinfer.result import RunSummary
    from ppinfer.run import Sorted


def files_in_words(
    summary: RunSummary, files: Sorted, *, sorted_into: str | None = None, moved_into: str | None = None
) -> str:
    """Say what was sorted and moved; empty when nothing was asked for."""
    text = ""
    if sorted_into is not None:
        text += f"; {counted(files.sorted, 'image')} sorted into {sorted_into}"
        if files.gone:
            text += f" ({files.gone:,} missing)"
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
