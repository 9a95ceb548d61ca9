"""An image's bytes once more: of a file, or of a member that was read in place from an archive."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from ppinfer import _core
from ppinfer._core import RuntimeFailure

SEPARATOR = "::"
ARCHIVE_ENDINGS = tuple(_core.archive_endings())


class SourceGoneError(Exception):
    """An image that was classified can't be read any more."""


def is_of_archive(path: str) -> bool:
    """Whether a record's path is that of a member, or of an archive.

    >>> is_of_archive("shard.tar::a/b.jpg"), is_of_archive("shard.TAR"), is_of_archive("a/b.jpg")
    (True, True, False)
    """
    return path.lower().endswith(ARCHIVE_ENDINGS) or is_member(path)


def is_member(path: str) -> bool:
    """Whether a record's path is that of a member."""
    return SEPARATOR in path and not os.path.lexists(path)


class Sources:
    """Opens images by their records' paths. The archive of the last one stays open: its members come in its order."""

    def __init__(self) -> None:
        self._members = _core.MemberReader()

    @contextmanager
    def open(self, path: str) -> Iterator[tuple[IO[bytes], int]]:
        """Give an image's bytes, and when it was changed, in ns.

        Raises:
            SourceGoneError: The file or member does not exist any more, or came from a pipe.
            RuntimeFailure: It can't be read.
        """
        content, modified_ns = self._member(path) if is_member(path) else _file(path)
        with content:
            yield content, modified_ns

    def _member(self, path: str) -> tuple[IO[bytes], int]:
        try:
            content, modified_ns = self._members.read(os.fsencode(path))
        except _core.BadImageError as error:
            raise SourceGoneError(f"{path}: {error.message}") from error
        return io.BytesIO(content), max(modified_ns, 0)


def is_stream(path: str) -> bool:
    """Whether a record's path is that of standard input or of another pipe, which can't be read again."""
    return path == "-" or (os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path))


def _file(path: str) -> tuple[IO[bytes], int]:
    if is_stream(path):
        raise SourceGoneError(f"{path}: came from a pipe")
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # a named pipe would wait
    except (FileNotFoundError, NotADirectoryError) as error:
        raise SourceGoneError(f"{path}: {error.strerror}") from error
    except OSError as error:
        raise RuntimeFailure(f"{path}: {error.strerror}") from error
    content = open(descriptor, "rb")  # noqa: SIM115
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        content.close()
        raise SourceGoneError(f"{path}: not a regular file")
    return content, status.st_mtime_ns


def split_member(path: str) -> tuple[str, str]:
    """Tell the archive from the member, of a path that is a member's.

    >>> split_member("no such shard.tar::a/b.jpg")
    ('no such shard.tar', 'a/b.jpg')
    """
    place = path.find(SEPARATOR)
    while not os.path.isfile(path[:place]):
        onward = path.find(SEPARATOR, place + 1)
        if onward < 0:
            break
        place = onward
    return path[:place], path[place + len(SEPARATOR) :]
