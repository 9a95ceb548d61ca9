"""InputSelection: the paths of a run, and the options that select among the files found."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from ppinfer import _core

if TYPE_CHECKING:
    StrPath = str | os.PathLike[str]


ARCHIVE_ENDINGS = tuple(_core.archive_endings())
"""In lower case, those of archives that aren't read among them."""
PACKED_ENDINGS = tuple(ending for ending in ARCHIVE_ENDINGS if ending not in (".tar", ".zip"))
"""Of archives that have to be unpacked to see what is in them."""
NO_ARCHIVES = tuple(
    b"*" + "".join(f"[{letter}{letter.upper()}]" if letter.isalpha() else letter for letter in ending).encode()
    for ending in ARCHIVE_ENDINGS
)
"""What to exclude where images are read by their paths, one by one: in an archive each would have to be searched."""


class _Arguments(TypedDict):
    include: list[bytes]
    exclude: list[bytes]
    hidden: bool
    follow_links: bool
    shard: tuple[int, int]
    list_path: bytes
    list_ends_in_nul: bool


@dataclass(frozen=True, kw_only=True)
class InputSelection:
    """Files, folders, patterns and archives, and which of the files in them are taken.

    The options do not apply to a given path, except the shard. A pattern has `*`, `?`, `[a-z]` and `[!a-z]`, which
    never match a slash. A pattern without a slash matches names at any depth. A pattern with a slash matches paths
    beneath the given folder or in the archive, and `**` matches any number of folders. "name/" matches folders and
    everything in them.

    >>> selection = InputSelection(paths=("photos",), exclude=("dog.*",))
    >>> list(selection.open()), selection.count()
    (['photos/cat.jpg'], 1)
    """

    paths: tuple[str, ...] = ()
    """ Files, folders, archives (.tar, .tar.gz, .tar.bz2, .tar.xz, .tar.zst, .zip), "shard.tar::cat.jpg" for one image
    in an archive, a shell pattern if no file has exactly this name, and "-" for one image on standard input. """
    include: tuple[str, ...] = ()
    """ Files that match none of these are left out; empty: all are taken. """
    exclude: tuple[str, ...] = ()
    """ Files and folders that match one of these are left out; such a folder isn't entered. """
    hidden: bool = False
    """ Whether names that begin with a dot are taken. """
    follow_links: bool = True
    """ Whether symbolic links that are met in folders are. """
    shard: tuple[int, int] = (1, 1)
    """ (i, n): the i-th of n shards of the inputs, from 1 on. A hash of the path beneath the given folder, of the path
    in the archive, or of a given path chooses the shard, the same on every machine. """
    list_path: str | None = None
    """ A file of further paths, "-" for standard input, read during the run. Its lines may have labels. """
    list_ends_in_nul: bool = False
    """ Whether each of its paths is ended by a NUL byte, as `find -print0` does; else each is a line. """

    def open(self) -> _core.ImageFiles:
        """Begin a walk.

        Raises:
            ConfigError: A pattern, the shard or the list is wrong.
        """
        return _core.ImageFiles([os.fsencode(path) for path in self.paths], **self._arguments())

    def count(self) -> int | None:
        """Walk them all, which takes some seconds a million, and count. None: the list is a pipe, to be read only once.

        Raises:
            ConfigError: A pattern, the shard or the list is wrong.
            RuntimeFailure: The list can't be read to its end.
        """
        list_path = self.list_path
        if list_path == "-" or (list_path is not None and os.path.exists(list_path) and not os.path.isfile(list_path)):
            return None
        return _core.count_images([os.fsencode(path) for path in self.paths], **self._arguments())

    def check_any_is_there(self) -> None:
        """Refuse paths if none of them exists and no list is given, so that a mistyped folder keeps earlier records.

        Raises:
            ConfigError: The reason for each path.

        >>> InputSelection(paths=("fotos", "photos")).check_any_is_there()
        >>> InputSelection(paths=("fotos", "pics")).check_any_is_there()
        Traceback (most recent call last):
        ppinfer.ConfigError: fotos: no such file
        pics: no such file
        nothing to classify: nothing is written
        """
        if self.list_path is None:
            paths = [os.fsencode(path) for path in self.paths]
            _core.check_any_is_there(paths, hidden=self.hidden, follow_links=self.follow_links)

    def in_words(self) -> str:
        """Name where the inputs come from.

        >>> InputSelection(paths=("a", "b"), list_path="-").in_words()
        'a, b, the list on standard input'
        """
        return _core.inputs_in_words([os.fsencode(path) for path in self.paths], os.fsencode(self.list_path or ""))

    def _arguments(self) -> _Arguments:
        return {
            "include": [os.fsencode(pattern) for pattern in self.include],
            "exclude": [os.fsencode(pattern) for pattern in self.exclude],
            "hidden": self.hidden,
            "follow_links": self.follow_links,
            "shard": self.shard,
            "list_path": b"" if self.list_path is None else os.fsencode(self.list_path),
            "list_ends_in_nul": self.list_ends_in_nul,
        }


def paths_of(given: StrPath | Iterable[StrPath]) -> tuple[str, ...]:
    """Take one path, or several, as text."""
    several = [given] if isinstance(given, (str, os.PathLike)) else given
    return tuple(os.fspath(path) for path in several)


def warn_of(notices: Iterable[str]) -> None:
    """Warn whoever has called the method that this is called from."""
    for notice in notices:
        warnings.warn(notice, stacklevel=3)


def warn_of_others(folder: StrPath, files: _core.ImageFiles) -> None:
    """Warn, likewise, of files in the folder that were skipped since they are not images."""
    if others := files.not_images:
        skipped = _core.skipped_in_words(sum(others.values()), others)
        warnings.warn(f"{os.fspath(folder)}: {skipped}", stacklevel=3)
