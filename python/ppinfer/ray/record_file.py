"""The Parquet file of a run: in its place only when all records are in it."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import uuid
from types import TracebackType

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow.fs import FileSystem, FileType, LocalFileSystem

from ppinfer._core import ConfigError, RuntimeFailure, open_own_file
from ppinfer.outputs.parquet import COMPRESSION, ROW_GROUP_BYTES, ROW_GROUP_ROWS

PART = ".ray.part"
"""Of a file here. Not that of other runs, which can be resumed."""


LACKS_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS)
"""What some network file systems say when asked for a lock: then there is none."""


class RecordFile:
    """Takes tables of records in order; leaving the `with` before they are put in place leaves nothing behind.

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
        self.output = os.fspath(output)
        self._schema = schema
        self._filesystem, self._place = _place_of(self.output)
        is_here = isinstance(self._filesystem, LocalFileSystem)
        self._part = f"{self._place}{PART if is_here else f'.{uuid.uuid4().hex[:8]}.part'}"
        self._is_in_place = False
        self._lock: int | None = None
        self._held: list[pa.Table] = []
        try:
            if is_here:
                self._lock = _locked(self._part, self.output)
                os.ftruncate(self._lock, 0)
                self._stream = pa.PythonFile(open(os.dup(self._lock), "wb"), mode="w")  # noqa: SIM115
            else:
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

    def commit(self) -> None:
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
        self._is_in_place = True

    def __enter__(self) -> RecordFile:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if not self._is_in_place:
            for unfinished in (self._writer, self._stream):
                with contextlib.suppress(OSError, pa.ArrowException):  # what is on its way says more
                    unfinished.close()
            with contextlib.suppress(OSError, pa.ArrowException):
                self._filesystem.delete_file(self._part)
        if self._lock is not None:
            os.close(self._lock)

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


def _locked(part: str, output: str) -> int:
    """Open a part that nobody else has, and be the one who has it; the descriptor is the lock."""
    while True:
        try:
            descriptor = open_own_file(os.fsencode(part), fresh=False)
        except RuntimeFailure as error:
            raise ConfigError(f"cannot write {output}: {error}") from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in LACKS_LOCKS:
                os.close(descriptor)
                if error.errno != errno.EWOULDBLOCK:
                    raise
                raise RuntimeFailure(
                    f"{output} is being written by another run: wait for it to end, or choose another output"
                ) from None
        if _is_still(descriptor, part):
            return descriptor
        os.close(descriptor)  # whoever held it has just renamed or removed it


def _is_still(descriptor: int, path: str) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.lstat(path))
    except FileNotFoundError:
        return False


def _to_disk(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
