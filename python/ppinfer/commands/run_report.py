"""The records that a run's report is made of: the output, or a copy of it if the output is a pipe."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from ppinfer._core import ConfigError, RuntimeFailure, run_files

READABLE = ("jsonl", "csv", "parquet")


def check_report(report: str | None, output: str, format: str) -> None:
    """Refuse, before the run, a report that would fail after it.

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
    """Give the file that holds a run's records for its report, and, if they go into a pipe, the copy to make.

    The copy has a new name beside the report, and is removed at the end.

    Raises:
        RuntimeFailure: The copy can't be made.
    """
    if report is None or run_files(os.fsencode(output)) is not None:
        yield output, None
        return
    folder, name = os.path.split(report)
    try:
        copy = tempfile.NamedTemporaryFile(prefix=f".{name}.", suffix=".jsonl", dir=folder or ".")  # noqa: SIM115
    except OSError as error:
        raise RuntimeFailure(f"--report: cannot write into {folder or '.'}: {error.strerror}") from error
    with copy:
        yield copy.name, copy.name
