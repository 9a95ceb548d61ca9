"""Whether there is anything at the paths that were given."""

from __future__ import annotations

import glob
import os
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from ppinfer.selection import InputSelection


def check_some_exist(selection: InputSelection) -> None:
    """Refuse paths of which none is there: a mistyped folder must not replace last night's records by an error."""
    if selection.list_path is None and not any(map(_may_exist, selection.paths)):
        paths = ", ".join(selection.paths)
        raise typer.BadParameter(f"{paths}: nothing is there; nothing is written", param_hint="PATH")


def _may_exist(path: str) -> bool:
    archive, separator, _ = path.partition("::")
    if os.path.lexists(path) or (separator and os.path.lexists(archive)):
        return True
    return next(glob.iglob(path, recursive=True), None) is not None
