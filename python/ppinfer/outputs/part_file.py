"""A file that grows beside its output's place until all of it is there."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

from ppinfer._core import RuntimeFailure, open_own_file

PART = ".part"
NEW = ".new"


@contextmanager
def told_as_failure(path: str) -> Iterator[None]:
    """Raise what the system says of a file as a RuntimeFailure that names the file."""
    try:
        yield
    except OSError as error:
        raise RuntimeFailure(f"cannot write {path}: {error.strerror or error}") from error


def open_fresh(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a new file to write, in the place of whatever has this name; a link there isn't followed.

    >>> import tempfile
    >>> with open_fresh(os.path.join(tempfile.mkdtemp(), "page.part")) as file:
    ...     file.write(b"whole")
    5

    Raises:
        RuntimeFailure: The file can't be made.
    """
    return open(open_own_file(os.fsencode(path), fresh=True), "w+b")


class PartFile:
    """OUTPUT.part: bytes are added at the end; a failed addition leaves those before it.

    Raises:
        RuntimeFailure: There is an output that may not be written; or what has the part's name isn't a file of this
            user alone.

    >>> import tempfile
    >>> part = PartFile(os.path.join(tempfile.mkdtemp(), "records"))
    >>> part.size(), os.path.basename(part.path)
    (0, 'records.part')
    """

    def __init__(self, output: str) -> None:
        self.output = os.path.realpath(output)  # a link stays, what it points to is replaced
        self.path = self.output + PART
        self._file: BinaryIO | None = None
        if os.path.exists(self.output) and not os.access(self.output, os.W_OK):  # before any work, not at its end
            raise RuntimeFailure(f"cannot write {self.output}: {os.strerror(errno.EACCES)}")

    def size(self) -> int:
        """Size of the part in bytes; 0 without a part."""
        if self._file is None and not os.path.lexists(self.path):
            return 0
        return os.fstat(self._opened().fileno()).st_size

    def truncate(self, size: int) -> None:
        """Open it, made if need be, with its first `size` bytes."""
        with told_as_failure(self.path):
            file = self._opened()
            file.truncate(size)
            file.seek(size)

    def append(self, content: bytes | memoryview) -> None:
        """Add all of it or nothing."""
        file = self._opened()
        start = file.tell()
        rest = memoryview(content).cast("B")
        try:
            while rest:
                rest = rest[file.write(rest) :]
        except OSError as error:
            file.truncate(start)
            file.seek(start)
            raise RuntimeFailure(f"cannot write {self.path}: {error.strerror}") from error

    def check(self) -> None:
        """See whether it still has its name.

        Raises:
            RuntimeFailure: Somebody removed or replaced it.
        """
        ours = os.fstat(self._opened().fileno())
        try:
            named = os.lstat(self.path)
        except FileNotFoundError:
            raise RuntimeFailure(f"{self.path}: was removed while records were written to it") from None
        if (ours.st_dev, ours.st_ino) != (named.st_dev, named.st_ino):
            raise RuntimeFailure(f"{self.path}: was replaced while records were written to it")

    def overwrite(self, place: int, content: bytes) -> None:
        """Change bytes that are there."""
        with told_as_failure(self.path):
            os.pwrite(self._opened().fileno(), content, place)

    def sync(self) -> None:
        """Wait until the disk has it."""
        with told_as_failure(self.path):
            os.fsync(self._opened().fileno())

    def close(self) -> None:
        """Let it go; it stays."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _opened(self) -> BinaryIO:
        if self._file is None:
            descriptor = open_own_file(os.fsencode(self.path), fresh=False)
            self._file = open(descriptor, "r+b", buffering=0)  # noqa: SIM115
            self._file.seek(0, os.SEEK_END)
        return self._file


def replace_file(new: str, output: str) -> None:
    """Replace the output by a finished file, synced to disk, with the mode of the old output."""
    with told_as_failure(output):
        descriptor = os.open(new, os.O_RDONLY)
        try:
            with suppress(FileNotFoundError, PermissionError):  # nothing was there; no modes on this file system
                os.fchmod(descriptor, stat.S_IMODE(os.stat(output).st_mode))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(new, output)
        folder = os.open(os.path.dirname(output) or ".", os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
