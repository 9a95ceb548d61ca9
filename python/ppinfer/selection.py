"""InputSelection: the paths of a run, and the options that select among the files found.

>>> selection = InputSelection(paths=("photos",), exclude=("dog.*",))
>>> list(selection.open()), selection.exclude
(['photos/cat.jpg'], ('dog.*',))
>>> InputSelection(paths=("a", "b"), list_path="-").in_words()
'a, b, the list on standard input'
>>> InputSelection(paths=("fotos", "photos")).check_any_is_there()
>>> InputSelection(paths=("fotos", "pics")).check_any_is_there()
Traceback (most recent call last):
ppinfer.ConfigError: fotos: no such file
pics: no such file
nothing to classify: nothing is written
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ppinfer import _core
from ppinfer._core import InputSelection

if TYPE_CHECKING:
    StrPath = str | os.PathLike[str]

__all__ = ["NO_ARCHIVES", "InputSelection", "paths_of", "warn_of", "warn_of_others"]

NO_ARCHIVES = tuple(
    "*" + "".join(f"[{letter}{letter.upper()}]" if letter.isalpha() else letter for letter in ending)
    for ending in _core.archive_endings()
)
"""What to exclude where images are read by their paths, one by one: in an archive each would have to be searched."""


def paths_of(given: StrPath | Iterable[StrPath]) -> tuple[str, ...]:
    """Take one path, or several, as text."""
    several = [given] if isinstance(given, (str, os.PathLike)) else given
    return tuple(os.fspath(path) for path in several)


def warn_of(notices: Iterable[str]) -> None:
    """Issue each notice as a warning at the line that called the public method."""
    for notice in notices:
        warnings.warn(notice, stacklevel=3)


def warn_of_others(folder: StrPath, files: _core.ImageFiles) -> None:
    """Warn, likewise, of files in the folder that were skipped since they are not images."""
    if others := files.not_images:
        skipped = _core.skipped_in_words(sum(others.values()), others)
        warnings.warn(f"{os.fspath(folder)}: {skipped}", stacklevel=3)
