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
            raise Error(f"--report: cannot write {self.records_path}: {error.strerror}") from error

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
