"""Records as Parquet: for pandas, Polars, DuckDB, Spark."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from ppinfer.outputs.arrow_records import record_batch
from ppinfer.outputs.new_file import records_of, replaced

ROW_GROUP_ROWS = 65_536
ROW_GROUP_BYTES = 64 << 20  # of embeddings fewer rows make a group: one is in memory at a time
COMPRESSION = "zstd"
_REPEATING = ("status", "label_names", "class_ids", "error_stage", "error_message")  # worth a dictionary
_DENSE = ("embedding",)  # floats: compression saves next to nothing and takes most of the time


def write_parquet(part: str, output: str, schema: pa.Schema) -> None:
    """Write OUTPUT of a part: a Parquet file has its index at its end, so it can't grow by itself.

    Raises:
        RuntimeFailure: The file can't be written; OUTPUT stays as it was.
    """
    batches = (record_batch(records, schema) for records in records_of(part))
    with replaced(output) as file, parquet_writer(file, schema) as writer:
        for group in row_groups(batches, schema):
            writer.write_table(group, row_group_size=group.num_rows)


def parquet_writer(file: BinaryIO, schema: pa.Schema) -> pq.ParquetWriter:
    """Write records to a file that is open."""
    columns = {field.name: _column_path(field) for field in schema}
    return pq.ParquetWriter(
        file,
        schema,
        compression={column: "none" if name in _DENSE else COMPRESSION for name, column in columns.items()},
        use_dictionary=[column for name, column in columns.items() if name in _REPEATING],
    )


def row_groups(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    """Join batches of records to tables of the size of a row group."""
    held: list[pa.RecordBatch] = []
    rows = held_bytes = 0
    for batch in batches:
        if held and (rows + batch.num_rows > ROW_GROUP_ROWS or held_bytes > ROW_GROUP_BYTES):
            yield pa.Table.from_batches(held, schema)
            held = []
            rows = held_bytes = 0
        held.append(batch)
        rows += batch.num_rows
        held_bytes += batch.nbytes
    if held:
        yield pa.Table.from_batches(held, schema)


def _column_path(field: pa.Field) -> str:
    """Give a column's name as Parquet has it."""
    is_list = pa.types.is_list(field.type) or pa.types.is_fixed_size_list(field.type)
    return f"{field.name}.list.element" if is_list else str(field.name)
