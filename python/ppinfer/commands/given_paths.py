"""Whether there is anything at the paths that were given."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from ppinfer.selection import InputSelection


def check_some_exist(selection: InputSelection) -> None:
    """Refuse paths of which none is there: a mistyped folder must not replace last night's records by an error."""
    if selection.list_path is None and not any(_may_exist(path, selection) for path in selection.paths):
        paths = ", ".join(selection.paths)
        raise typer.BadParameter(f"{paths}: nothing is there; nothing is written", param_hint="PATH")


def _may_exist(path: str, selection: InputSelection) -> bool:
    if os.path.lexists(path) or os.path.lexists(path.partition("::")[0]):
        return True
    # A pattern that matches nothing is an input itself, for the record that says so.
    return next(iter(replace(selection, paths=(path,), shard=(1, 1)).open()), None) != path
