"""Read files of records, one record at a time: JSON Lines, CSV and Parquet, detected from content."""

from __future__ import annotations

import contextlib
import csv
import json
import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from numbers import Real
from pathlib import Path
from typing import IO, Any, NamedTuple

from ppinfer._core import Error
from ppinfer.report.parquet_rows import open_parquet, parquet_rows

LONGEST_RECORD = 32 << 20  # bytes: a vector of a million numbers fits, a file without line ends isn't held in memory
LONGEST_TEXT = 16 << 10  # characters of a path, a label or a message
LONGEST_METADATA = 1 << 20  # bytes of one entry of a Parquet file's
MOST_CLASS_ID = (1 << 31) - 1
LARGEST_SCORE = 3.4028234663852886e38  # of float32
PROBLEMS_NAMED = 20
# Raised by what isn't a record; RecursionError by JSON that is nested too deeply.
NO_RECORD = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)
REQUIRED_COLUMNS = ("path", "status", "class_ids", "scores", "error_stage", "error_message")
PARQUET_COLUMNS = (
    "path",
    "path_bytes",
    "status",
    "class_ids",
    "scores",
    "label_names",
    "error_stage",
    "error_message",
    "attributes",
)


class Record(NamedTuple):
    """What a report takes of one record; of a bad image only `path` and the error are set."""

    path: str
    """As in `Result.path`; "" when the input had none."""
    class_ids: Sequence[int] = ()
    scores: Sequence[float] = ()
    """One a class id, or without ids one a class; NaN where the model gave no finite number."""
    labels: Sequence[str] = ()
    """One for each class id, or the texts of attributes for results without classes; may be empty."""
    error_stage: str = ""
    """ "" for an image that is fine."""
    error_message: str = ""


class Problems:
    """Counts what isn't a record, and keeps the first reasons.

    >>> problems = Problems()
    >>> problems.add("r.jsonl:7", ValueError("2 class_ids, but 1 scores"))
    >>> problems.count, problems.named
    (1, ['r.jsonl:7: not a record that `ppinfer classify` writes: 2 class_ids, but 1 scores'])
    """

    def __init__(self) -> None:
        self.count = 0
        self.named: list[str] = []

    def add(self, where: str, error: Exception, *, is_cut_off: bool = False) -> None:
        """Count one, at a place such as FILE:LINE."""
        self.count += 1
        if len(self.named) < PROBLEMS_NAMED:
            self.named.append(f"{where}: {_reason(error, is_cut_off=is_cut_off)}")


def check_readable(files: Iterable[Path]) -> None:
    """Refuse files that can't be read or are in no format of records, before any work.

    Raises:
        Error: The message says which.
    """
    for file in files:
        _reader_of(file)


def read_records(files: Iterable[Path], problems: Problems) -> Iterator[Record]:
    """Read files of records, one after the other; `problems` gets what isn't a record."""
    for file in files:
        yield from read_file(file, problems)


def read_file(file: Path, problems: Problems) -> Iterator[Record]:
    """Read a file of records; memory is bounded, however large the file and its records are.

    Raises:
        Error: The file can't be read, or is in no format of records.
    """
    try:
        yield from _reader_of(file)(file, problems)
    except OSError as error:
        raise Error(f"{file}: {error.strerror or error}") from None


def read_metadata(file: Path) -> dict[str, Any]:
    """Give what a Parquet file says about the run that made it (model, config, version); {} for other formats."""
    if _reader_of(file) is not _parquet:
        return {}
    metadata = open_parquet(file).schema_arrow.metadata or {}
    texts = {
        key.decode(errors="replace"): value.decode(errors="replace")
        for key, value in metadata.items()
        if len(key) + len(value) <= LONGEST_METADATA
    }
    found: dict[str, Any] = {
        key.removeprefix("ppinfer."): text for key, text in texts.items() if key.startswith("ppinfer.")
    }
    for key, text in found.items():
        if text.startswith("{"):
            with contextlib.suppress(ValueError, RecursionError):  # then it is shown as the text that it is
                found[key] = json.loads(text)
    return found


def _reader_of(file: Path) -> Any:
    """Tell the format by the first bytes: names of files are the user's own choice."""
    try:
        if not file.is_file() and file.exists():
            raise Error(f"{file}: isn't a regular file, expected one that holds records")
        with file.open("rb") as opened:
            start = opened.read(64)
    except OSError as error:
        raise Error(f"{file}: {error.strerror}") from None
    if start.startswith(b"PAR1"):
        return _parquet
    if start.startswith(b"path,status,"):
        return _csv
    if start.startswith(b"{") or not start:
        return _jsonl
    raise Error(
        f"{file}: a report can't be made of it: expected records in JSON Lines, CSV or Parquet, as "
        "`ppinfer classify --format jsonl` writes them; the text format has no fixed fields"
    )


# ---- JSON Lines ------------------------------------------------------------------------------------------------------


def _jsonl(file: Path, problems: Problems) -> Iterator[Record]:
    with file.open("rb") as content:
        for number, line in enumerate(bounded_lines(content), 1):
            try:
                if len(line) > LONGEST_RECORD:
                    raise ValueError(f"the line has more than {LONGEST_RECORD:,} bytes")
                record = _of_json(json.loads(line, parse_constant=_refuse_constant))
            except NO_RECORD as error:
                problems.add(f"{file}:{number}", error, is_cut_off=not line.endswith(b"\n"))
            else:
                yield record


def bounded_lines(content: IO[bytes]) -> Iterator[bytes]:
    """Give the lines; of one that is longer than LONGEST_RECORD, its first LONGEST_RECORD + 1 bytes and its end."""
    while line := content.readline(LONGEST_RECORD + 1):
        ending = line
        while len(ending) > LONGEST_RECORD and not ending.endswith(b"\n"):
            ending = content.readline(LONGEST_RECORD + 1)
        yield line if ending is line else line + b"\n"


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} isn't JSON")


def _of_json(record: Mapping[str, Any]) -> Record:
    path = "" if record["path"] is None else record["path"]
    if _is_error(record["status"]):
        error = record["error"]
        return _checked_error(path, error["stage"], error["message"])
    labels = [] if record["label_names"] is None else record["label_names"]
    return _checked(path, record["class_ids"], record["scores"], labels or record.get("attributes", labels))


# ---- CSV -------------------------------------------------------------------------------------------------------------


def _csv(file: Path, problems: Problems) -> Iterator[Record]:
    csv.field_size_limit(LONGEST_RECORD)
    with file.open("rb") as content:
        rows = csv.reader(line[:LONGEST_RECORD].decode(errors="surrogateescape") for line in bounded_lines(content))
        try:
            names = next(rows)
        except csv.Error as error:
            raise Error(f"{file}: not the records of `ppinfer classify`: its first line: {error}") from None
        _check_columns(file, names)
        while True:
            row: list[str] = []
            try:
                row = next(rows)
                record = _of_csv(dict(zip(names, row, strict=True)))
            except StopIteration:
                return
            except (*NO_RECORD, csv.Error) as error:
                problems.add(f"{file}:{rows.line_num}", error, is_cut_off=0 < len(row) < len(names))
            else:
                yield record


def _check_columns(file: Path, names: Sequence[str]) -> None:
    missing = [name for name in REQUIRED_COLUMNS if name not in names]
    if missing:
        raise Error(f"{file}: not the records of `ppinfer classify`: it lacks the columns {', '.join(missing)}")
    twice = sorted({name for name in names if name in PARQUET_COLUMNS and names.count(name) > 1})
    if twice:
        raise Error(f"{file}: not the records of `ppinfer classify`: it has several columns {', '.join(twice)}")


def _of_csv(fields: Mapping[str, str]) -> Record:
    if _is_error(fields["status"]):
        return _checked_error(fields["path"], fields["error_stage"], fields["error_message"])
    class_ids = [int(text) for text in _numbers(fields["class_ids"])]
    scores = [float(text) for text in _numbers(fields["scores"])]
    labels = split_list(fields.get("label_names") or fields.get("attributes", ""))
    return _checked(fields["path"], class_ids, scores, labels)


def _numbers(text: str) -> list[str]:
    if not text.isascii() or "_" in text:  # Python would read these digits
        raise ValueError(f"got {text!r:.100}, expected numbers with ';' between them")
    return [number for number in text.split(";") if number]


def split_list(text: str) -> list[str]:
    r"""Take the labels of a CSV field apart: ';' between them, '\' before one that is a label's own.

    >>> split_list(r"cat;a\;b;back\\slash")
    ['cat', 'a;b', 'back\\slash']
    """
    if not text:
        return []
    if "\\" not in text:
        return text.split(";")
    parts, escaped = [""], False
    for character in text:
        if escaped or character not in "\\;":
            parts[-1] += character
            escaped = False
        elif character == ";":
            parts.append("")
        else:
            escaped = True
    return parts


# ---- Parquet ---------------------------------------------------------------------------------------------------------


def _parquet(file: Path, problems: Problems) -> Iterator[Record]:
    opened = open_parquet(file)
    _check_columns(file, opened.schema_arrow.names)
    columns = [name for name in PARQUET_COLUMNS if name in opened.schema_arrow.names]
    for where, row in parquet_rows(file, opened, columns, longest_row=LONGEST_RECORD):
        try:
            record = _of_parquet(row())
        except NO_RECORD as error:
            problems.add(f"{file}, {where}", error)
        else:
            yield record


def _of_parquet(row: Mapping[str, Any]) -> Record:
    raw = row.get("path_bytes")
    path = os.fsdecode(raw) if raw is not None else "" if row["path"] is None else row["path"]
    if _is_error(row["status"]):
        return _checked_error(path, row["error_stage"], row["error_message"])
    lists = {name: [] if row.get(name) is None else row[name] for name in ("class_ids", "scores", "label_names")}
    labels = lists["label_names"] or row.get("attributes") or lists["label_names"]
    return _checked(path, lists["class_ids"], lists["scores"], labels)


# ---- all -------------------------------------------------------------------------------------------------------------


def _is_error(status: object) -> bool:
    if status not in ("ok", "error"):
        raise ValueError(f"status is {status!r:.100}, expected ok or error")
    return status == "error"


def _checked_error(path: object, stage: object, message: object) -> Record:
    if not stage:
        raise ValueError(f"stage of the error is {stage!r:.100}, expected text")
    return Record(
        _text("path", path), error_stage=_text("stage of the error", stage), error_message=_text("message", message)
    )


def _checked(path: object, class_ids: object, scores: object, labels: object) -> Record:
    """Make the record of an image that is fine; null among the scores is NaN."""
    for name, value in (("class_ids", class_ids), ("scores", scores), ("label_names", labels)):
        if not isinstance(value, list):
            raise TypeError(f"{name} is {value!r:.100}, expected a list")
    assert isinstance(class_ids, list)
    assert isinstance(scores, list)
    assert isinstance(labels, list)
    for class_id in class_ids:
        if type(class_id) is not int or not 0 <= class_id <= MOST_CLASS_ID:
            raise ValueError(f"class id {class_id!r:.100}, expected an integer from 0 to {MOST_CLASS_ID}")
    ids, count = len(class_ids), len(scores)
    if ids and ids != count:
        raise ValueError(f"{ids} class_ids, but {count} scores")
    if ids and labels and len(labels) != ids:
        raise ValueError(f"{ids} class_ids, but {len(labels)} label_names")
    numbers = [math.nan if score is None else _score(score) for score in scores]
    return Record(_text("path", path), class_ids, numbers, [_text("label", label) for label in labels])


def _score(score: object) -> float:
    is_number = type(score) is float or (isinstance(score, Real) and not isinstance(score, bool))
    if not is_number or abs(number := float(score)) > LARGEST_SCORE:  # type: ignore[arg-type]  # false of NaN
        raise ValueError(f"score {score!r:.100}, expected a number that float32 holds")
    return number


def _text(name: str, text: object) -> str:
    if not isinstance(text, str):
        raise TypeError(f"{name} is {text!r:.100}, expected text")
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"{name} has {len(text):,} characters, more than {LONGEST_TEXT:,}")
    text.encode("utf-8", "surrogateescape")  # raises for half of a surrogate pair
    if "\0" in text:
        raise ValueError(f"{name} holds a zero byte")
    return text


def _reason(error: Exception, *, is_cut_off: bool) -> str:
    if is_cut_off:
        return (
            "the record is truncated, as the last record of a stopped run is: finish the run with "
            "`ppinfer classify --resume`"
        )
    if isinstance(error, RecursionError):
        return "not a record that `ppinfer classify` writes: it is nested too deeply"
    reason = f"{error} is missing" if isinstance(error, KeyError) else str(error)
    return f"not a record that `ppinfer classify` writes: {reason:.300}"
