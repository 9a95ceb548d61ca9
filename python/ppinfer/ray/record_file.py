"""The Parquet file of a run: in its place only when all records are in it."""

from __future__ import annotations

import contextlib
import os
import uuid
from types import TracebackType

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow.fs import FileSystem, FileType, LocalFileSystem

from ppinfer._core import ConfigError, RuntimeFailure
from ppinfer.outputs.parquet import COMPRESSION, ROW_GROUP_BYTES, ROW_GROUP_ROWS


class RecordFile:
    """Takes tables of records in order; leaving the `with` by an exception leaves nothing behind.

    Args:
        output: A file's path, or a URI such as s3://bucket/records.parquet.
        schema: Of the records.

    Raises:
        ConfigError: It can't be written there.
    """

    def __init__(self, output: str | os.PathLike[str], schema: pa.Schema) -> None:
        self.output = os.fspath(output)
        self._schema = schema
        self._filesystem, self._place = _place_of(self.output)
        self._part = f"{self._place}.{uuid.uuid4().hex[:8]}.part"
        self._held: list[pa.Table] = []
        try:
            self._stream = self._filesystem.open_output_stream(self._part)
        except OSError as error:
            raise ConfigError(f"cannot write {self.output}: {error.strerror or error}") from error
        self._writer = pq.ParquetWriter(self._stream, schema, compression=COMPRESSION)

    def write(self, records: pa.Table) -> None:
        """Add records; a row group is written when there are enough.

        Raises:
            RuntimeFailure: The disk is full, or whatever else it says.
        """
        self._held.append(records.select(self._schema.names).cast(self._schema))
        rows = sum(table.num_rows for table in self._held)
        if rows >= ROW_GROUP_ROWS or sum(table.nbytes for table in self._held) >= ROW_GROUP_BYTES:
            self._write_group()

    def put_in_place(self) -> None:
        """Finish the file and give it its name.

        Raises:
            RuntimeFailure: The disk or the storage refuses.
        """
        self._write_group()
        try:
            self._writer.close()
            self._stream.close()
            if isinstance(self._filesystem, LocalFileSystem):
                _to_disk(self._part)
                os.replace(self._part, self._place)
            else:
                self._filesystem.move(self._part, self._place)
        except OSError as error:
            raise self._failure(error) from error

    def __enter__(self) -> RecordFile:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if exc_type is None:
            return
        for unfinished in (self._writer, self._stream):
            with contextlib.suppress(OSError, pa.ArrowException):  # what is on its way says more
                unfinished.close()
        with contextlib.suppress(OSError, pa.ArrowException):
            self._filesystem.delete_file(self._part)

    def _write_group(self) -> None:
        if not self._held:
            return
        group = pa.concat_tables(self._held)
        self._held = []
        try:
            self._writer.write_table(group, row_group_size=max(1, group.num_rows))
        except OSError as error:
            raise self._failure(error) from error

    def _failure(self, error: OSError) -> RuntimeFailure:
        return RuntimeFailure(f"cannot write {self.output}: {error.strerror or error}")


def _place_of(output: str) -> tuple[FileSystem, str]:
    if "://" not in output:
        place = os.path.realpath(output)  # a link stays, what it points to is replaced
        if os.path.exists(place) and not os.path.isfile(place):
            raise ConfigError(f"output is {output}, which is no file: Parquet goes into one")
        return LocalFileSystem(), place
    try:
        filesystem, place = FileSystem.from_uri(output)
        if filesystem.get_file_info(place).type is FileType.Directory:
            raise ConfigError(f"output is {output}, a folder: expected the name of a file in it")
    except (pa.ArrowException, OSError) as error:
        raise ConfigError(f"output is {output}: {error}") from error
    return filesystem, place


def _to_disk(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
