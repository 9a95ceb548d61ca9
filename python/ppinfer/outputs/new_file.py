"""Files written beside their place and renamed when whole, and the records of a finished part that they are made of."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO

import numpy as np

from ppinfer._core import GrowingFile, RuntimeFailure

_CHUNK_BYTES = 1 << 20


@contextmanager
def as_runtime_failure(path: str) -> Iterator[None]:
    """Turn an OSError into a RuntimeFailure that names the file."""
    try:
        yield
    except OSError as error:
        raise RuntimeFailure(f"cannot write {path}: {error.strerror or error}") from error


@contextmanager
def replaced(output: str, ending: str = ".part.new") -> Iterator[BinaryIO]:
    """Give a new file beside `output` to write, which replaces `output` at the end.

    After an error, `output` stays as it was. What has the new file's name is removed first; a link isn't followed.

    Raises:
        RuntimeFailure: The file can't be written.
    """
    new = GrowingFile(os.fsencode(output + ending), fresh=True)
    try:
        with as_runtime_failure(output + ending), open(os.dup(new.fileno()), "w+b") as file:
            yield file
        new.commit(os.fsencode(output))
    finally:
        with suppress(RuntimeFailure):  # the error on its way says more
            new.remove()


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
