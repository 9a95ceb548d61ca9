"""Formats of records: which there are, which one a file's name asks for, and what writes those that Python writes."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping

from ppinfer import _core
from ppinfer._core import ConfigError

CORE_FORMATS = ("text", "jsonl", "csv", "spreadsheet")
"""Written by the core."""
FORMATS = (*CORE_FORMATS, "parquet", "npy")
NPY_ROWS = ".jsonl"
"""Ending of the file beside an array's, whose line i describes row i."""
VECTOR_OPS = ("embedding", "score")


def format_of(output: str | os.PathLike[str], *, default: str) -> str:
    """Return the format of a file's extension; `default` if the extension sets no format.

    >>> format_of("out/records.CSV", default="text"), format_of("-", default="text")
    ('csv', 'text')

    Raises:
        ConfigError: The ending is nearly that of a format, or that of another kind of table.
    """
    return _core.format_from_extension(os.fsencode(output)) or default


def output_writer(
    format: str,
    output: str,
    *,
    postprocess: str,
    vector_length: int,
    metadata: Callable[[], Mapping[str, str]],
) -> Callable[[str], None] | None:
    """Return a function that writes the output from a finished run's part; None: the core writes the format.

    Args:
        format: One of FORMATS.
        output: The file that shall have the records in the end.
        postprocess: The config's.
        vector_length: How many numbers an image's embedding or scores are.
        metadata: Gives what a Parquet file shall say of itself.

    Raises:
        ConfigError: The format is unknown, or the output or the postprocess doesn't fit it.
        Error: A package is missing; the message holds the line that installs it.
    """
    if format not in FORMATS:
        raise ConfigError(f"format {format}: expected {', '.join(FORMATS[:-1])} or {FORMATS[-1]}")
    if format in CORE_FORMATS:
        return None
    if output == "-" or (os.path.exists(output) and not stat.S_ISREG(os.stat(output).st_mode)):
        place = "standard output" if output == "-" else output
        raise ConfigError(
            f"format {format} needs a file, {place} is not a file: name a file, or set one of {', '.join(CORE_FORMATS)}"
        )
    target = os.path.realpath(output)  # a link stays, what it points to is replaced
    if format == "npy":
        if postprocess not in VECTOR_OPS:
            raise ConfigError(
                f"format npy holds vectors, which postprocess {postprocess} doesn't give: set postprocess to "
                f"{' or '.join(VECTOR_OPS)}, or take another format"
            )
        rows = target + NPY_ROWS
        if os.path.exists(rows) and not (os.path.isfile(rows) and os.access(rows, os.W_OK)):
            raise ConfigError(f"{output}: the paths of its rows go into {rows}, expected a file that may be written")
        from ppinfer.outputs.npy import write_npy

        return lambda part: write_npy(part, target, vector_length)
    from ppinfer.extras import need

    need("pyarrow", extra="parquet", purpose="format parquet")
    from ppinfer.outputs.arrow_records import record_schema
    from ppinfer.outputs.parquet import write_parquet

    schema = record_schema(postprocess, vector_length, metadata())
    return lambda part: write_parquet(part, target, schema)
