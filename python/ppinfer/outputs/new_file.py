"""Files written beside their place and renamed when whole, and the records of a finished part that they are made of."""

from __future__ import annotations

import base64
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO

import numpy as np

from ppinfer._core import RuntimeFailure, open_own_file

NEW = ".part.new"
_CHUNK_BYTES = 1 << 20


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


@contextmanager
def as_runtime_failure(path: str) -> Iterator[None]:
    """Turn an OSError into a RuntimeFailure that names the file."""
    try:
        yield
    except OSError as error:
        raise RuntimeFailure(f"cannot write {path}: {error.strerror or error}") from error


@contextmanager
def replaced(output: str) -> Iterator[BinaryIO]:
    """Give OUTPUT.part.new to write, which replaces `output` at the end; after an error, `output` stays as it was.

    Raises:
        RuntimeFailure: The file can't be written.
    """
    new = output + NEW
    try:
        with as_runtime_failure(new):
            with open_fresh(new) as file:
                yield file
            replace_file(new, output)
    finally:
        with suppress(OSError):  # the error on its way says more
            os.unlink(new)


def replace_file(new: str, output: str) -> None:
    """Rename a finished file to `output`, with the mode of the file there, and sync both to the disk."""
    descriptor = os.open(new, os.O_RDONLY)
    try:
        with suppress(FileNotFoundError, PermissionError):  # no such file; no modes on this file system
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


def records_of(part: str) -> Iterator[list[dict[str, Any]]]:
    """Read a run's part, about a megabyte at a time: records as `Result.to_dict` gives them, but scores as arrays."""
    with open(part, "rb") as lines:
        while some := lines.readlines(_CHUNK_BYTES):
            records = json.loads(b"[" + b",".join(some) + b"]")
            for record in records:
                for name in ("scores", "embedding"):
                    if name in record:
                        record[name] = np.frombuffer(base64.b64decode(record[name]), "<f4")
            yield records
