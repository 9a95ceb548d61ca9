"""What a report is made of: the records themselves, or a copy of them where they go into a pipe."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ppinfer._core import ConfigError, run_files

READABLE = ("jsonl", "csv", "parquet")
SPOOL = ".records.jsonl"


def check_report(report: str | None, output: str, format: str) -> None:
    """Refuse before the run what fails after it.

    Raises:
        ConfigError: The records couldn't be read back.
        Error: A package is missing.
    """
    if report is None:
        return
    from ppinfer.report import need_table_library

    need_table_library()
    if format not in READABLE and run_files(os.fsencode(output)) is not None:
        raise ConfigError(
            f"--report reads the records of {output}, and format {format} doesn't hold all of them: take --format "
            f"{', '.join(READABLE[:-1])} or {READABLE[-1]}"
        )


@contextmanager
def report_records(report: str | None, output: str) -> Iterator[tuple[str, str | None]]:
    """Give the file that holds a run's records for its report, and, where these go into a pipe, the copy to make.

    The copy is a file beside the report, which is removed at the end.
    """
    if report is None or run_files(os.fsencode(output)) is not None:
        yield output, None
        return
    copy = report + SPOOL
    try:
        yield copy, copy
    finally:
        with suppress(FileNotFoundError):
            os.unlink(copy)
