"""Vectors as one numpy array: what nearest-neighbour search and training start from."""

from __future__ import annotations

import json

import numpy as np

from ppinfer._core import RuntimeFailure
from ppinfer.outputs.formats import NPY_ROWS
from ppinfer.outputs.new_file import records_of, replaced

_HEADER_BYTES = 128
_FLOAT = np.dtype("<f4")


def write_npy(part: str, output: str, vector_length: int) -> None:
    """Write OUTPUT, float32 [images, vector_length], in input order; the row of a bad image is NaN.

    OUTPUT.jsonl has a JSON line for each row: `path`, `status` and, for a bad image, `error`.

    Args:
        part: The records of a run.
        output: The array's file.
        vector_length: Of every image's embedding or, of a postprocess op without class ids, scores.

    Raises:
        RuntimeFailure: A vector is of another length; or a file can't be written.
    """
    count = 0
    with replaced(output + NPY_ROWS) as lines, replaced(output) as array:
        array.write(_header(0, vector_length))
        for records in records_of(part):
            rows = np.full((len(records), vector_length), np.nan, _FLOAT)
            for row, record in zip(rows, records, strict=True):
                if record["status"] == "ok":
                    vector = record.get("embedding", record["scores"])
                    if len(vector) != vector_length:
                        raise RuntimeFailure(
                            f"{output}: got a vector of {len(vector)} numbers, expected {vector_length}"
                        )
                    row[:] = vector
                    record = {"path": record["path"], "status": "ok"}
                lines.write(json.dumps(record).encode() + b"\n")
            array.write(rows.tobytes())
            count += len(records)
        array.seek(0)
        array.write(_header(count, vector_length))


def _header(rows: int, columns: int) -> bytes:
    """Give the head of an .npy file, always of the same length, so that it can be written before `rows` is known."""
    text = f"{{'descr': {_FLOAT.str!r}, 'fortran_order': False, 'shape': ({rows}, {columns}), }}"
    magic = np.lib.format.magic(1, 0)
    room = _HEADER_BYTES - len(magic) - 2
    return magic + room.to_bytes(2, "little") + text.ljust(room - 1).encode() + b"\n"
