"""The Parquet file of a run: in its place only when all records are in it."""

from __future__ import annotations

import os
import uuid
from contextlib import suppress
from functools import partial
from typing import Any

import pyarrow as pa
from pyarrow.fs import FileSystem, FileType, LocalFileSystem

from ppinfer._core import ConfigError, GrowingFile, RuntimeFailure
from ppinfer.outputs.new_file import as_runtime_failure
from ppinfer.outputs.parquet import parquet_writer

PART = ".ray.part"
"""Ending of the part of a local file. A run that can be resumed has another part."""


class RecordFile:
    """Takes row groups in order; leaving the `with` before `commit` leaves nothing behind.

    Until then they are in `OUTPUT.ray.part`. A process that is killed leaves it, and the next run takes it over. In a
    storage, which has no locks, each run has a part with a name of its own.

    Args:
        output: A file's path, or a URI such as s3://bucket/records.parquet.
        schema: Of the records.

    Raises:
        ConfigError: The output isn't a file, or the storage refuses it.
        RuntimeFailure: The part can't be written, or another run writes it.
    """

    def __init__(self, output: str | os.PathLike[str], schema: pa.Schema) -> None:
        self._output = os.fspath(output)
        self._storage, self._place = _place_of(self._output)
        is_here = isinstance(self._storage, LocalFileSystem)
        self._part = self._place + (PART if is_here else f".{uuid.uuid4().hex[:8]}.part")
        self._local_part = GrowingFile(os.fsencode(self._part)) if is_here else None
        self._is_done = False
        try:
            if self._local_part is not None:
                self._local_part.truncate(0)
                self._file: Any = open(os.dup(self._local_part.fileno()), "wb")  # noqa: SIM115
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
            if self._local_part is None:
                self._storage.move(self._part, self._place)
            else:
                self._local_part.commit(os.fsencode(self._place))
        self._is_done = True

    def __enter__(self) -> RecordFile:
        return self

    def __exit__(self, *exception: object) -> None:
        if not self._is_done:
            remove = self._local_part.remove if self._local_part else partial(self._storage.delete_file, self._part)
            for step in (self._writer.close, self._file.close, remove):
                with suppress(OSError, RuntimeFailure, pa.ArrowException):  # what is on its way says more
                    step()


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
    if not os.path.isdir(os.path.dirname(place)):
        raise ConfigError(f"cannot write {output}: its folder doesn't exist: make it first")
    return LocalFileSystem(), place
