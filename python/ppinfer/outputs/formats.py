"""Which formats of records there are, and which one a file's name asks for."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol

from ppinfer import _core
from ppinfer._core import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ppinfer.result import Result

CORE_FORMATS = ("text", "jsonl", "csv", "spreadsheet")
"""Written by the core."""
FORMATS = (*CORE_FORMATS, "parquet", "npy")
NPY_ROWS = ".jsonl"
"""Ending of the file beside an array's, whose line i says what row i is of."""


class RecordStore(Protocol):
    """What records go into: grows at the end, can be truncated, is committed when all is there.

    Nothing is touched before the first call. Calls come one at a time, from any thread. What the disk refuses is a
    RuntimeFailure with the file and the reason.
    """

    def kept_records(self) -> Iterator[tuple[bytes, bool]]:
        """Path of each whole record that a stopped run has left, in order, and whether it is an error."""

    def truncate(self, count: int) -> None:
        """Keep the first `count` records and throw the others away; 0 starts a new part."""

    def write(self, results: list[Result]) -> None:
        """Add a record a result."""

    def flush(self) -> None:
        """Pass all written records to the system, so that a kill of this process keeps them.

        Raises:
            RuntimeFailure: The part has been removed or replaced meanwhile, too.
        """

    def commit(self) -> None:
        """Turn the part into the output and remove the part. A kill before the end leaves the part complete."""

    def close(self) -> None:
        """Close the part and leave it."""


def format_of(output: str | os.PathLike[str], *, default: str) -> str:
    """Return the format of a file's extension; `default` if the extension sets no format.

    >>> format_of("out/records.CSV", default="text"), format_of("-", default="text")
    ('csv', 'text')

    Raises:
        ConfigError: The ending is nearly that of a format, or that of another kind of table.
    """
    return _core.format_from_extension(os.fsencode(output)) or default


def check_format(format: str) -> None:
    """Refuse an unknown format.

    Raises:
        ConfigError: The message lists those there are.
    """
    if format not in FORMATS:
        raise ConfigError(f"format {format}: expected {', '.join(FORMATS[:-1])} or {FORMATS[-1]}")
