"""Where a model's new folder may be, and that it appears whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ppinfer._core import Error
from ppinfer.whole_folder import whole_folder

CONFIG = "config.txt"
MARK = "# Made by ppinfer "
"""How the config.txt of every folder begins that was made here."""


def check_free(out: Path, sources: tuple[Path, ...], *, force: bool) -> None:
    """Refuse a place that a new folder may not take.

    Args:
        out: Where the folder shall be.
        sources: What it is made of, files or folders.
        force: Whether a folder that was made here may be replaced. Any other never is.

    Raises:
        Error: `out` is in use.
    """
    out = out.resolve()
    inside = [source for source in sources if source.resolve() == out or out in source.resolve().parents]
    if inside:
        raise Error(f"{out} has the source {inside[0]} in it: choose another folder")
    if not os.path.lexists(out):
        return
    if not out.is_dir():
        raise Error(f"{out} is not a folder: choose another name")
    if not any(out.iterdir()):
        return
    if not _was_made_here(out):
        raise Error(f"{out} has files that ppinfer didn't make: choose another folder, or empty this folder")
    if not force:
        raise Error(f"{out} exists already: choose another folder, or --force to replace it")


@contextmanager
def new_folder(out: Path, sources: tuple[Path, ...], *, force: bool) -> Iterator[Path]:
    """Give an empty folder to fill, which then takes its place at `out`; when the block raises, nothing is left.

    Raises:
        Error: As check_free; or the disk doesn't take it.
    """
    check_free(out, sources, force=force)
    out = out.resolve()
    try:
        with whole_folder(out) as made:
            yield made
            check_free(out, sources, force=force)  # once more: it took its time
    except OSError as error:
        where = f" ({os.fsdecode(error.filename)})" if isinstance(error.filename, (str, bytes)) else ""
        raise Error(f"{out} cannot be created: {error.strerror or error}{where}") from error


def _was_made_here(folder: Path) -> bool:
    try:
        with open(folder / CONFIG, "rb") as config:
            return config.readline().startswith(MARK.encode())
    except OSError:
        return False
