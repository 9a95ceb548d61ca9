"""Which files of a folder hold the records of its images, each once."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ppinfer import _core
from ppinfer._core import ConfigError, Error
from ppinfer.report.records import LONGEST_RECORD, Problems, read_file

FORMATS = ("jsonl", "csv", "parquet")


class RecordFiles(NamedTuple):
    """What there is to read."""

    files: list[Path]
    left_out: list[str]
    """Names of others, with the reason."""


def record_files(path: str | os.PathLike[str]) -> RecordFiles:
    """Give the file itself, or the files of records in a folder, in the order of their names.

    Of a folder logs are left out, and what `--errors` has written: records of errors alone, which are in the other
    files, too.

    Raises:
        Error: There is none in the folder, or what is there has no records.
    """
    given = Path(path)
    if not given.is_dir():
        return RecordFiles([given], [])
    left_out: list[str] = []
    files: list[Path] = []
    for file in sorted(file for file in given.rglob("*") if file.is_file() and _has_ending(file)):
        if _is_log(file):
            left_out.append(f"{file}: events of a run, not records")
        else:
            files.append(file)
    doubles = _errors_files(files)
    files = [file for file in files if file not in doubles]
    if not files:
        raise Error(f"{given}: a folder without files of records, expected .jsonl, .csv or .parquet in it")
    return RecordFiles(files, [*left_out, *(f"{file}: errors that are in other files, too" for file in doubles)])


def _has_ending(file: Path) -> bool:
    try:
        return _core.format_from_extension(os.fsencode(file)) in FORMATS
    except ConfigError:  # that of another kind of file
        return False


def _is_log(file: Path) -> bool:
    """Tell what `--log-json` writes."""
    if _core.format_from_extension(os.fsencode(file)) != "jsonl":
        return False
    try:
        with file.open("rb") as lines:
            first = json.loads(lines.readline(LONGEST_RECORD))
    except OSError as error:
        raise Error(f"{file}: {error.strerror}") from None
    except (ValueError, RecursionError):
        return False
    return isinstance(first, dict) and "event" in first and "status" not in first


def _errors_files(files: list[Path]) -> list[Path]:
    """Find the files with only error records that an earlier file, or a file with good images, has as well."""
    candidates = [file for file in files if _is_of_errors(file)] if len(files) > 1 else []
    if not candidates:
        return []
    others = [file for file in files if file not in candidates]
    known = {record for file in others for record in _errors_of(file)}
    found = []
    for file in candidates:
        errors = set(_errors_of(file))
        if errors <= known:
            found.append(file)
        known |= errors
    return found


def _is_of_errors(file: Path) -> bool:
    is_empty = True
    for record in read_file(file, Problems()):
        if not record.error_stage:
            return False
        is_empty = False
    return not is_empty


def _errors_of(file: Path) -> Iterator[bytes]:
    """Give a digest of each error: the records themselves could take any memory."""
    for record in read_file(file, Problems()):
        if record.error_stage:
            text = "\0".join((record.path, record.error_stage, record.error_message))
            yield hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=16).digest()
