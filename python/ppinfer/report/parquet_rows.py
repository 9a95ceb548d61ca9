"""The rows of Parquet files: whatever a file claims or repeats, memory is bounded."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ppinfer._core import Error
from ppinfer.extras import need

BATCH_ROWS = 4096  # of Parquet
BATCH_BYTES = 256 << 20  # that a batch may take when all its texts are as long as they can be
MOST_GROUP_VALUES = 32 << 20  # of one column in a row group: any one row may hold all of them
MOST_GROUP_BYTES = 1 << 30  # of one column in a row group, unpacked
MOST_UNPACKING = 1000  # times a Parquet file's size, and BATCH_BYTES in any case


def open_parquet(file: Path) -> Any:
    """Open a file, so that texts are read once each, however often they repeat.

    Raises:
        Error: It isn't Parquet, or pyarrow is missing.
    """
    need("pyarrow", extra="parquet", purpose="reading Parquet")
    import pyarrow.parquet as pq

    with _damage_as_error(file):
        about = pq.read_metadata(file)
        groups = [about.row_group(group) for group in range(about.num_row_groups)]
        texts = []  # pyarrow can't do that for DELTA_BYTE_ARRAY
        for place in range(about.num_columns):
            chunks = [group.column(place) for group in groups]
            if about.schema.column(place).physical_type == "BYTE_ARRAY" and not any(map(_has_starts, chunks)):
                texts.append(about.schema.column(place).path)
        return pq.ParquetFile(file, metadata=about, read_dictionary=texts)


def _has_starts(chunk: Any) -> bool:
    return "DELTA_BYTE_ARRAY" in chunk.encodings


@contextlib.contextmanager
def _damage_as_error(file: Path) -> Iterator[None]:
    import pyarrow

    try:
        yield
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise Error(f"{file}: can't be read as Parquet: {' '.join(str(error).split())}") from None


def parquet_rows(
    file: Path, opened: Any, columns: Sequence[str], *, longest_row: int
) -> Iterator[tuple[str, Callable[[], Mapping[str, Any]]]]:
    """Give each row's place, and a function that gives the row or raises ValueError for one that can't be used.

    Args:
        file: For messages.
        opened: By `open_parquet`.
        columns: That are read; texts, numbers, or lists of these.
        longest_row: Bytes. Rows of more aren't unpacked.

    Raises:
        Error: The file is damaged, or unpacks to far more than its size.
    """
    for name in columns:
        _check_type(file, opened.schema_arrow.field(name))
    number = unpacked_bytes = 0
    most_bytes = BATCH_BYTES + MOST_UNPACKING * file.stat().st_size
    for group in range(opened.num_row_groups):
        about = opened.metadata.row_group(group)
        size = _batch_rows(about, columns, longest_row)
        if size == 0:
            reason = f"its rows have more than {longest_row:,} bytes each, or its row group is too large"
            yield f"from row {number + 1} on", partial(_refuse, reason)
            number += about.num_rows
            continue
        batches = opened.iter_batches(batch_size=size, row_groups=[group], columns=columns)
        while True:
            with _damage_as_error(file):
                batch = next(batches, None)
            if batch is None:
                break
            unpacked_bytes += batch.nbytes
            if unpacked_bytes > most_bytes:
                raise Error(f"{file}: its first {number:,} rows unpack to more than {MOST_UNPACKING:,} times its size")
            for row in _rows(batch, longest_row):
                number += 1
                yield f"row {number}", row


def _refuse(reason: str) -> Mapping[str, Any]:
    raise ValueError(reason)


def _check_type(file: Path, field: Any) -> None:
    from pyarrow import types

    kind = field.type
    if types.is_list(kind) or types.is_large_list(kind):
        kind = kind.value_type
    if types.is_nested(kind):
        raise Error(f"{file}: not the records of `ppinfer classify`: its column {field.name} is {field.type!s:.100}")


def _batch_rows(group: Any, columns: Sequence[str], longest_row: int) -> int:
    """Choose how many rows to read at once; 0: one row alone may be too large.

    Values with a common start (DELTA_BYTE_ARRAY) unpack to any size, nulls need no bytes at all, and one row's list may
    hold all values.
    """
    chunks = [group.column(place) for place in range(group.num_columns)]
    wanted = [chunk for chunk in chunks if chunk.path_in_schema.partition(".")[0] in columns]
    rows = max(1, group.num_rows)
    if any(chunk.total_uncompressed_size // rows > longest_row for chunk in wanted):
        return 0
    if any(
        chunk.num_values > MOST_GROUP_VALUES or chunk.total_uncompressed_size > MOST_GROUP_BYTES for chunk in wanted
    ):
        return 0
    starts = [chunk.total_uncompressed_size for chunk in wanted if _has_starts(chunk)]
    if any(chunk.num_values > rows and _has_starts(chunk) for chunk in wanted):
        return 0  # of a list of such texts one row may have any size
    most_rows: int = BATCH_BYTES // max([1, *starts])
    return max(1, min(BATCH_ROWS, most_rows))


def _rows(batch: Any, longest_row: int) -> Iterator[Callable[[], Mapping[str, Any]]]:
    """Give each row as a function, which raises ValueError for one that is too long or isn't UTF-8."""
    import pyarrow

    sizes = _row_bytes(batch)
    whole: list[dict[str, Any]] | None = None
    if sizes.max(initial=0) <= longest_row and sizes.sum() <= BATCH_BYTES:
        columns = [_without_references(column) for column in batch.columns]
        with contextlib.suppress(UnicodeDecodeError):
            whole = pyarrow.RecordBatch.from_arrays(columns, names=batch.schema.names).to_pylist()

    def row_at(place: int) -> Mapping[str, Any]:
        if whole is not None:
            return whole[place]
        if sizes[place] > longest_row:
            raise ValueError(f"the row has more than {longest_row:,} bytes")
        alone: list[dict[str, Any]] = batch.slice(place, 1).to_pylist()
        return alone[0]

    return (partial(row_at, place) for place in range(batch.num_rows))


def _row_bytes(batch: Any) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Count each row's bytes: texts lie once in a dictionary, however often rows refer to them."""
    from pyarrow import compute, types

    total = np.zeros(batch.num_rows, np.int64)
    for column in batch.columns:
        values = column.flatten() if types.is_nested(column.type) else column
        each = np.full(len(values), 8, np.int64)
        if types.is_dictionary(values.type) and len(values.dictionary):
            lengths = compute.binary_length(values.dictionary).fill_null(0).to_numpy(zero_copy_only=False)
            each += lengths[values.indices.fill_null(0).to_numpy(zero_copy_only=False)]
        total += np.diff(np.concatenate([[0], np.cumsum(each)])[_starts(column)])
    return total


def _starts(column: Any) -> np.ndarray[Any, np.dtype[np.int32]]:
    """Where each row begins among a column's values, and where the last ends; a list that is null is empty."""
    from pyarrow import compute, types

    if not types.is_nested(column.type):
        return np.arange(len(column) + 1, dtype=np.int32)
    counts = compute.list_value_length(column).fill_null(0).to_numpy(zero_copy_only=False)
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)


def _without_references(column: Any) -> Any:
    """Put the texts themselves in the place of references to a dictionary, which Python reads much slower."""
    import pyarrow
    from pyarrow import types

    if types.is_dictionary(column.type):
        return column.dictionary_decode()
    if types.is_nested(column.type) and types.is_dictionary(column.type.value_type):
        return pyarrow.ListArray.from_arrays(_starts(column), column.flatten().dictionary_decode())
    return column
