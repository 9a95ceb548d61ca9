"""What a report is made of: the records themselves, or a copy of them where they go into a pipe."""

from __future__ import annotations

import io
import json
import os
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

from ppinfer import Error
from ppinfer._core import ConfigError, RuntimeFailure, run_files
from ppinfer.outputs.part_file import open_fresh

if TYPE_CHECKING:
    from ppinfer.result import Result

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
        reason = "is a folder" if os.path.isdir(report) else f"no such folder: {folder}"
        raise ConfigError(f"--report {report}: {reason}: expected the name of a file")
    if os.path.exists(report) and not os.path.isfile(report):  # a device would be replaced
        raise ConfigError(f"--report {report}: is not a regular file: expected the name of one, or a new one")
    if not os.access(folder, os.W_OK):
        raise ConfigError(f"--report {report}: permission denied to write into {folder}")
    if os.path.realpath(report) == os.path.realpath(output):
        raise ConfigError(f"--report {report}: the records have the same file; give the page another name")
    if format not in READABLE and run_files(os.fsencode(output)) is not None:
        raise ConfigError(
            f"--report reads the records of {output}, and format {format} doesn't hold all of them: take --format "
            f"{', '.join(READABLE[:-1])} or {READABLE[-1]}"
        )


class ReportSpool:
    """Keeps records of a run for its report, in a file beside it, which goes when it is left.

    Args:
        report: The page; None: nothing is kept.
        output: Of the records; where it is a file it serves itself.
    """

    def __init__(self, report: str | None, output: str) -> None:
        self.is_needed = report is not None and run_files(os.fsencode(output)) is None
        self.records_path = f"{report}{SPOOL}" if self.is_needed else output
        self._file: TextIO | None = None

    def add(self, results: list[Result]) -> None:
        """Keep these."""
        assert self._file is not None
        lines = [json.dumps(result.to_dict()) + "\n" for result in results]
        try:
            self._file.write("".join(lines))
            self._file.flush()
        except OSError as error:
            raise self._failure(error) from error

    def __enter__(self) -> ReportSpool:
        if self.is_needed:
            try:
                self._file = io.TextIOWrapper(open_fresh(self.records_path), encoding="utf-8")
            except RuntimeFailure as error:
                raise Error(f"--report: {error}") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._file is not None:
            with suppress(OSError):  # of what couldn't be written before, which is on its way as an error
                self._file.close()
            with suppress(FileNotFoundError):
                os.unlink(self.records_path)

    def _failure(self, error: OSError) -> Error:
        return Error(f"--report: cannot write {self.records_path}: {error.strerror}")
