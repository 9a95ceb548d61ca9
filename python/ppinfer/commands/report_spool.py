"""What a report is made of: the records themselves, or a copy of them where they go into a pipe."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ppinfer._core import ConfigError, run_files

READABLE = ("jsonl", "csv", "parquet")
SPOOL = ".records.jsonl"


def check_report(report: str, output: str, format: str) -> None:
    """Refuse before the run what fails after it.

    Raises:
        ConfigError: The records couldn't be read back, or the page can't be where it shall.
        Error: A package is missing.
    """
    from ppinfer.report import need_table_library

    need_table_library()
    folder = os.path.dirname(os.path.abspath(report))
    if os.path.isdir(report) or not os.path.isdir(folder):
        reason = "is a folder" if os.path.isdir(report) else f"there is no folder {folder}"
        raise ConfigError(f"--report {report}: {reason}: expected the name of a file")
    if os.path.exists(report) and not os.path.isfile(report):  # a device would be replaced
        raise ConfigError(f"--report {report}: is not a regular file: expected the name of one, or a new one")
    if not os.access(folder, os.W_OK):
        raise ConfigError(f"--report {report}: nothing may be written into {folder}")
    if os.path.realpath(report) == os.path.realpath(output):
        raise ConfigError(f"--report {report}: that is where the records go: give it another name")
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
