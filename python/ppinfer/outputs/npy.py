"""Vectors as one numpy array: what nearest-neighbour search and training start from."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ppinfer._core import RuntimeFailure
from ppinfer.outputs.formats import NPY_ROWS
from ppinfer.outputs.part_file import NEW, PartFile, open_fresh, replace_file, told_as_failure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ppinfer.result import Result

_HEADER_BYTES = 128
_FLOAT = np.dtype("<f4")


class NpyStore:
    """A RecordStore: OUTPUT is float32 [images, vector_length], in input order; the row of a bad image is NaN.

    OUTPUT.jsonl has a line for each row: the record in JSON Lines without the vector.

    Args:
        output: The array's file.
        vector_length: Of every image's embedding or, of a postprocess op without class ids, scores.
    """

    def __init__(self, output: str, vector_length: int) -> None:
        self._array = PartFile(output)
        self._lines = PartFile(self._array.output + NPY_ROWS)
        self._length = vector_length
        self._count = 0

    def kept_records(self) -> Iterator[tuple[bytes, bool]]:
        """As RecordStore says."""
        if self._lines.size() == 0:
            return
        with open(self._lines.path, "rb") as lines:
            for _ in range(min(self._whole_rows(), len(self._line_ends()))):
                try:
                    record = json.loads(lines.readline())
                    kept = os.fsencode(record["path"] or ""), record["status"] == "error"
                except (ValueError, KeyError, TypeError):  # a block that never reached the disk
                    return
                yield kept

    def truncate(self, count: int) -> None:
        """As RecordStore says."""
        self._lines.truncate(([0, *self._line_ends()])[count])
        self._array.truncate(_HEADER_BYTES + count * self._row_bytes if self._whole_rows() >= count > 0 else 0)
        if self._array.size() == 0:
            self._array.append(_header(0, self._length))
        self._count = count

    def write(self, results: list[Result]) -> None:
        """As RecordStore says.

        Raises:
            RuntimeFailure: A vector is of another length than the first said.
        """
        rows = np.full((len(results), self._length), np.nan, _FLOAT)
        lines = []
        for row, result in zip(rows, results, strict=True):
            if result.error is None:
                vector = result.embedding or result.scores
                if len(vector) != self._length:
                    raise RuntimeFailure(
                        f"{self._array.output}: got a vector of {len(vector)} numbers, expected {self._length}"
                    )
                row[:] = vector
            lines.append(_line(result))
        # A row is done when its line is, too; should this be stopped in between, both are cut to the shorter.
        self._array.append(rows.tobytes())
        self._lines.append("".join(lines).encode())
        self._count += len(results)

    def flush(self) -> None:
        """As RecordStore says."""
        self._array.check()
        self._lines.check()

    def commit(self) -> None:
        """As RecordStore says."""
        self.flush()
        self._array.overwrite(0, _header(self._count, self._length))
        lines = self._lines.output
        try:
            # A copy: both parts are there until both outputs are.
            with told_as_failure(lines + NEW), open_fresh(lines + NEW) as new, open(self._lines.path, "rb") as part:
                shutil.copyfileobj(part, new)
            replace_file(lines + NEW, lines)
        except BaseException:
            if os.path.exists(lines + NEW):
                os.unlink(lines + NEW)
            raise
        self._close()
        replace_file(self._array.path, self._array.output)
        os.unlink(self._lines.path)

    def close(self) -> None:
        """As RecordStore says."""
        is_committed = not os.path.lexists(self._array.path)  # by a run that was killed just then
        is_unused = self._count == 0 and os.path.lexists(self._lines.path) and self._lines.size() == 0
        self._close()
        if is_unused or (is_committed and os.path.lexists(self._lines.path)):
            os.unlink(self._lines.path)

    def _close(self) -> None:
        self._array.close()
        self._lines.close()

    @property
    def _row_bytes(self) -> int:
        return self._length * _FLOAT.itemsize

    def _whole_rows(self) -> int:
        return max(0, self._array.size() - _HEADER_BYTES) // self._row_bytes

    def _line_ends(self) -> NDArray[np.int64]:
        """Where each whole line ends."""
        if self._lines.size() == 0:
            return np.empty(0, np.int64)
        content = np.memmap(self._lines.path, np.uint8, "r")
        return np.flatnonzero(content == ord("\n")) + 1


def _line(result: Result) -> str:
    """What JSON Lines say of an image, without what the array has."""
    record = result.to_dict() if result.error else {"path": result.path, "status": "ok"}
    return json.dumps(record) + "\n"


def _header(rows: int, columns: int) -> bytes:
    """Give the head of an .npy file, always of the same length, so that it can be written before `rows` is known."""
    text = f"{{'descr': {_FLOAT.str!r}, 'fortran_order': False, 'shape': ({rows}, {columns}), }}"
    magic = np.lib.format.magic(1, 0)
    room = _HEADER_BYTES - len(magic) - 2
    return magic + room.to_bytes(2, "little") + text.ljust(room - 1).encode() + b"\n"
