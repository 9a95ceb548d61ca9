"""The store of a format that Python writes."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from ppinfer._core import ConfigError
from ppinfer.outputs.formats import CORE_FORMATS, RecordStore, check_format

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

VECTOR_OPS = ("embedding", "score")


def make_store(
    format: str,
    output: str | os.PathLike[str],
    *,
    postprocess: str,
    vector_length: int,
    metadata: Callable[[], Mapping[str, str]],
) -> RecordStore | None:
    """Make what records of a format go into; None: the core has it. Nothing is written before its first call.

    Args:
        format: One of FORMATS.
        output: The file that shall have the records in the end.
        postprocess: The config's.
        vector_length: How many numbers an image's embedding or scores are.
        metadata: Gives what a Parquet file shall say of itself.

    Raises:
        ConfigError: The format is unknown, or doesn't fit the output or the postprocess.
        Error: A package is missing; the message holds the line that installs it.
    """
    check_format(format)
    if format in CORE_FORMATS:
        return None
    output = os.fspath(output)
    if output == "-" or (os.path.exists(output) and not stat.S_ISREG(os.stat(output).st_mode)):
        place = "standard output" if output == "-" else output
        raise ConfigError(
            f"format {format} needs a file, {place} is not a file: name a file, or set one of {', '.join(CORE_FORMATS)}"
        )
    if format == "npy":
        if postprocess not in VECTOR_OPS:
            raise ConfigError(
                f"format npy holds vectors, which postprocess {postprocess} doesn't give: set postprocess to "
                f"{' or '.join(VECTOR_OPS)}, or take another format"
            )
        from ppinfer.outputs.npy import NpyStore

        return NpyStore(output, vector_length)
    from ppinfer.extras import need

    need("pyarrow", extra="parquet", purpose="format parquet")
    from ppinfer.outputs.arrow_records import record_schema
    from ppinfer.outputs.parquet import ParquetStore

    return ParquetStore(output, record_schema(postprocess, vector_length, metadata()))
