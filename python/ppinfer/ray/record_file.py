"""The Parquet file of a run: in its place only when all records are in it."""

from __future__ import annotations

import errno
import fcntl
import os
import uuid
from contextlib import suppress
from functools import partial
from typing import Any

import pyarrow as pa
from pyarrow.fs import FileSystem, FileType, LocalFileSystem

from ppinfer._core import ConfigError, RuntimeFailure, open_own_file
from ppinfer.outputs.new_file import as_runtime_failure, replace_file
from ppinfer.outputs.parquet import parquet_writer

PART = ".ray.part"
"""Of a file here. A run that can be resumed has another part."""
LACKS_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS)
"""What some network file systems say when asked for a lock: then there is none."""


class RecordFile:
    """Takes row groups in order; leaving the `with` before `commit` leaves nothing behind.

    Until then they are in `OUTPUT.ray.part`. A process that is killed leaves it, and the next run takes it over. In a
    storage, which has no locks, each run has a part with a name of its own.

    Args:
        output: A file's path, or a URI such as s3://bucket/records.parquet.
        schema: Of the records.

    Raises:
        ConfigError: It can't be written there.
        RuntimeFailure: Another run writes it.
    """

    def __init__(self, output: str | os.PathLike[str], schema: pa.Schema) -> None:
        self._output = os.fspath(output)
        self._storage, self._place = _place_of(self._output)
        is_here = isinstance(self._storage, LocalFileSystem)
        self._part = self._place + (PART if is_here else f".{uuid.uuid4().hex[:8]}.part")
        self._lock: int | None = None
        self._is_done = False
        try:
            if is_here:
                self._lock = _locked(self._part, self._output)
                self._file: Any = open(os.dup(self._lock), "wb")  # noqa: SIM115
            else:
                self._file = self._storage.open_output_stream(self._part)
        except OSError as error:
            raise ConfigError(f"cannot write {self._output}: {error.strerror or error}") from error
        self._writer = parquet_writer(self._file, schema)

    def write(self, group: pa.Table) -> None:
        """Add a row group.

        Raises:
            RuntimeFailure: The disk or the storage refuses.
        """
        with as_runtime_failure(self._output):
            self._writer.write_table(group, row_group_size=group.num_rows)

    def commit(self) -> None:
        """Finish the file and give it its name.

        Raises:
            RuntimeFailure: The disk or the storage refuses.
        """
        with as_runtime_failure(self._output):
            self._writer.close()
            self._file.close()
            if self._lock is None:
                self._storage.move(self._part, self._place)
            else:
                replace_file(self._part, self._place)
        self._is_done = True

    def __enter__(self) -> RecordFile:
        return self

    def __exit__(self, *exception: object) -> None:
        if not self._is_done:
            for step in (self._writer.close, self._file.close, partial(self._storage.delete_file, self._part)):
                with suppress(OSError, pa.ArrowException):  # what is on its way says more
                    step()
        if self._lock is not None:
            os.close(self._lock)


def _place_of(output: str) -> tuple[FileSystem, str]:
    if "://" in output:
        try:
            storage, place = FileSystem.from_uri(output)
            if storage.get_file_info(place).type is FileType.Directory:
                raise ConfigError(f"output is {output}, a folder: expected the name of a file in it")
        except (pa.ArrowException, OSError) as error:
            raise ConfigError(f"output is {output}: {error}") from error
        return storage, place
    place = os.path.realpath(output)  # a link stays, what it points to is replaced
    if os.path.exists(place) and not os.path.isfile(place):
        raise ConfigError(f"output is {output}, expected a regular file for Parquet")
    return LocalFileSystem(), place


def _locked(part: str, output: str) -> int:
    """Open a part, empty, that no other run has; the descriptor is the lock."""
    try:
        descriptor = open_own_file(os.fsencode(part), fresh=False)
    except RuntimeFailure as error:
        raise ConfigError(f"cannot write {output}: {error}") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        is_ours = os.path.samestat(os.fstat(descriptor), os.lstat(part))  # else a run that ended just now has moved it
    except OSError as error:
        if error.errno not in (*LACKS_LOCKS, errno.EWOULDBLOCK, errno.ENOENT):
            raise
        is_ours = error.errno in LACKS_LOCKS
    if not is_ours:
        os.close(descriptor)
        raise RuntimeFailure(f"{output} is being written by another run: wait for it to end, or choose another output")
    os.ftruncate(descriptor, 0)
    return descriptor
