"""Records as Parquet: for pandas, Polars, DuckDB, Spark."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from ppinfer.outputs.arrow_part import ArrowPart
from ppinfer.outputs.arrow_records import record_batch
from ppinfer.outputs.part_file import NEW, open_fresh, replace_file, told_as_failure

if TYPE_CHECKING:
    from ppinfer.result import Result

ROW_GROUP_ROWS = 65_536
ROW_GROUP_BYTES = 64 << 20  # of embeddings fewer rows make a group: one is in memory at a time
COMPRESSION = "zstd"
_REPEATING = ("status", "label_names", "class_ids", "error_stage", "error_message")  # worth a dictionary
_DENSE = ("embedding",)  # floats that compress by almost nothing, in most of the time


class ParquetStore:
    """A RecordStore. Records go into an Arrow stream, which any kill leaves readable; Parquet is made of it at the end.

    A Parquet file has its index at its end, so that a growing file can be neither read nor continued.
    """

    def __init__(self, output: str, schema: pa.Schema) -> None:
        self._schema = schema
        self._part = ArrowPart(output, schema)

    def kept_records(self) -> Iterator[tuple[bytes, bool]]:
        """As RecordStore says."""
        for batch in self._part.batches():
            columns = (batch[name].to_pylist() for name in ("path", "path_bytes", "status"))
            for path, path_bytes, status in zip(*columns, strict=True):
                yield path_bytes or (path or "").encode(), status == "error"

    def truncate(self, count: int) -> None:
        """As RecordStore says."""
        self._part.truncate(count)

    def write(self, results: list[Result]) -> None:
        """As RecordStore says."""
        if results:
            self._part.append(record_batch(results, self._schema))

    def flush(self) -> None:
        """As RecordStore says."""
        self._part.file.check()

    def commit(self) -> None:
        """As RecordStore says."""
        part = self._part.file
        part.check()
        new = part.output + NEW
        try:
            with told_as_failure(new), open_fresh(new) as file, parquet_writer(file, self._schema) as writer:
                for group in row_groups(self._part.batches(), self._schema):
                    writer.write_table(group, row_group_size=group.num_rows)
            replace_file(new, part.output)
        except BaseException:
            if os.path.exists(new):
                os.unlink(new)
            raise
        part.close()
        os.unlink(part.path)

    def close(self) -> None:
        """As RecordStore says."""
        self._part.file.close()


def parquet_writer(file: BinaryIO, schema: pa.Schema) -> pq.ParquetWriter:
    """Write records to a file that is open."""
    columns = {field.name: _column_path(field) for field in schema}
    return pq.ParquetWriter(
        file,
        schema,
        compression={column: "none" if name in _DENSE else COMPRESSION for name, column in columns.items()},
        use_dictionary=[column for name, column in columns.items() if name in _REPEATING],
    )


def row_groups(record_batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    """Join batches of records to tables of the size of a row group."""
    batches: list[pa.RecordBatch] = []
    rows = held_bytes = 0  # of all in `batches`: a slow model leaves many small ones, too many to sum up each time
    for batch in record_batches:
        if batches and (rows + batch.num_rows > ROW_GROUP_ROWS or held_bytes > ROW_GROUP_BYTES):
            yield pa.Table.from_batches(batches, schema)
            batches = []
            rows = held_bytes = 0
        batches.append(batch)
        rows += batch.num_rows
        held_bytes += batch.nbytes
    if batches:
        yield pa.Table.from_batches(batches, schema)


def _column_path(field: pa.Field) -> str:
    """Give a column's name as Parquet has it."""
    is_list = pa.types.is_list(field.type) or pa.types.is_fixed_size_list(field.type)
    return f"{field.name}.list.element" if is_list else str(field.name)
