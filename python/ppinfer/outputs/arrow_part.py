"""Record batches in a file that grows. After a kill at any point, all batches except the last one are readable.

The file is an Arrow IPC stream: a schema message, then a message a batch, each with its length in front. It can be read
while it grows: `pyarrow.ipc.open_stream`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from ppinfer.outputs.part_file import PartFile


class ArrowPart:
    """The part of an output, as batches of records."""

    def __init__(self, output: str, schema: pa.Schema) -> None:
        self.file = PartFile(output)
        self._schema = schema

    def truncate(self, count: int) -> None:
        """Keep the first `count` records; what is left of a batch that holds the last of them is written anew."""
        kept_bytes = self._header_bytes()
        rest = b""
        for batch, end in self._walk():
            if count < batch.num_rows:
                rest = batch.slice(0, count).serialize() if count else b""
                break
            kept_bytes = end
            count -= batch.num_rows
        self.file.truncate(kept_bytes)
        if not kept_bytes:
            self.file.append(self._schema.serialize())
        self.file.append(rest)

    def append(self, batch: pa.RecordBatch) -> None:
        """Add a batch: all of it or nothing."""
        self.file.append(batch.serialize())

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Give the whole batches; each looks into the file's memory and must be let go before the file changes."""
        return (batch for batch, _ in self._walk())

    def _header_bytes(self) -> int:
        """Where the batches begin; 0: the file isn't ours, and nothing of it can be kept."""
        if self.file.size() == 0:
            return 0
        with pa.memory_map(self.file.path) as source:
            try:
                found = pa.ipc.read_schema(pa.ipc.read_message(source))
            except (EOFError, pa.ArrowInvalid, OSError):
                return 0
            return int(source.tell()) if found.equals(self._schema) else 0

    def _walk(self) -> Iterator[tuple[pa.RecordBatch, int]]:
        """Give each whole batch, and where it ends in the file."""
        start = self._header_bytes()
        if not start:
            return
        with pa.memory_map(self.file.path) as source:
            source.seek(start)
            while True:
                try:
                    batch = pa.ipc.read_record_batch(pa.ipc.read_message(source), self._schema)
                except (EOFError, pa.ArrowInvalid, OSError):  # the end, or a message that was cut off
                    return
                yield batch, int(source.tell())
