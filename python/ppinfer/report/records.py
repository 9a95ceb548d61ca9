"""Files of records, one record after the other: JSON Lines, CSV and Parquet, told by content."""

from __future__ import annotations

import contextlib
import csv
import json
import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

from ppinfer._core import Error
from ppinfer.making.extras import need

LONGEST_RECORD = 64 << 20  # bytes: a vector of a million numbers fits, a file without line ends isn't held in memory
LONGEST_TEXT = 16 << 10  # characters of a path, a label or a message
LONGEST_METADATA = 1 << 20  # bytes of one entry of a Parquet file's
BATCH_ROWS = 4096  # of Parquet
BATCH_BYTES = 256 << 20  # that a batch may take when all its rows hold a column's longest value
MOST_CLASS_ID = (1 << 31) - 1
LARGEST_SCORE = 3.4028234663852886e38  # of float32
PROBLEMS_NAMED = 20
# Raised by what isn't a record; RecursionError by JSON that is nested too deeply.
NO_RECORD = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)
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
    """One a class id, or the attributes' texts where there are no classes; may be empty."""
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
    metadata = _open_parquet(file).schema_arrow.metadata or {}
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
    path = record["path"] or ""
    if record["status"] == "error":
        error = record["error"]
        return _checked(Record(path, error_stage=error["stage"], error_message=error["message"]))
    scores = [math.nan if score is None else float(score) for score in record["scores"]]
    labels = record["label_names"] or record.get("attributes") or []
    return _checked(Record(path, record["class_ids"], scores, labels))


# ---- CSV -------------------------------------------------------------------------------------------------------------


def _csv(file: Path, problems: Problems) -> Iterator[Record]:
    csv.field_size_limit(LONGEST_RECORD)
    with file.open("rb") as content:
        rows = csv.reader(line[:LONGEST_RECORD].decode(errors="surrogateescape") for line in bounded_lines(content))
        names = next(rows)
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


def _of_csv(fields: Mapping[str, str]) -> Record:
    if fields["status"] == "error":
        return _checked(
            Record(fields["path"], error_stage=fields["error_stage"], error_message=fields["error_message"])
        )
    class_ids = [int(text) for text in fields["class_ids"].split(";") if text]
    scores = [float(text) for text in fields["scores"].split(";") if text]
    labels = split_list(fields["label_names"] or fields.get("attributes", ""))
    return _checked(Record(fields["path"], class_ids, scores, labels))


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


def _open_parquet(file: Path) -> Any:
    need("pyarrow", extra="parquet", purpose="reading Parquet")
    import pyarrow.parquet

    try:
        return pyarrow.parquet.ParquetFile(file)
    except pyarrow.ArrowInvalid as error:
        raise Error(f"{file}: {error}") from None


def _parquet(file: Path, problems: Problems) -> Iterator[Record]:
    opened = _open_parquet(file)
    columns = [name for name in PARQUET_COLUMNS if name in opened.schema_arrow.names]
    missing = {"path", "status", "class_ids", "scores", "error_stage", "error_message"} - set(columns)
    if missing:
        raise Error(f"{file}: not the records of `ppinfer classify`: it lacks the columns {', '.join(sorted(missing))}")
    number = 0
    for group in range(opened.num_row_groups):
        size = _batch_rows(opened.metadata.row_group(group), columns)
        if size == 0:
            reason = f"its rows have more than {LONGEST_RECORD:,} bytes each"
            problems.add(f"{file}, from row {number + 1} on", ValueError(reason))
            number += opened.metadata.row_group(group).num_rows
            continue
        for batch in opened.iter_batches(batch_size=size, row_groups=[group], columns=columns):
            for row in batch.to_pylist():
                number += 1
                try:
                    record = _of_parquet(row)
                except NO_RECORD as error:
                    problems.add(f"{file}, row {number}", error)
                else:
                    yield record


def _batch_rows(group: Any, columns: Sequence[str]) -> int:
    """Choose how many rows to read at once; 0: one row alone may be larger than LONGEST_RECORD.

    A dictionary holds a value once that each row may repeat, so that a small file could unpack to any size.
    """
    chunks = [group.column(place) for place in range(group.num_columns)]
    wanted = [chunk for chunk in chunks if chunk.path_in_schema.partition(".")[0] in columns]
    rows = max(1, group.num_rows)
    if any(chunk.total_uncompressed_size // rows > LONGEST_RECORD for chunk in wanted):
        return 0
    repeatable = max((c.total_uncompressed_size for c in wanted if c.has_dictionary_page), default=0)
    return max(1, min(BATCH_ROWS, BATCH_BYTES // max(1, repeatable)))


def _of_parquet(row: Mapping[str, Any]) -> Record:
    raw = row.get("path_bytes")
    path = os.fsdecode(raw) if raw is not None else row["path"] or ""
    if row["status"] == "error":
        return _checked(Record(path, error_stage=row["error_stage"], error_message=row["error_message"]))
    scores = [math.nan if score is None else score for score in row["scores"] or []]
    labels = row.get("label_names") or row.get("attributes") or []
    return _checked(Record(path, row["class_ids"] or [], scores, labels))


# ---- all -------------------------------------------------------------------------------------------------------------


def _checked(record: Record) -> Record:
    texts = [("path", record.path), ("stage of the error", record.error_stage), ("message", record.error_message)]
    for name, text in [*texts, *(("label", label) for label in record.labels)]:
        if not isinstance(text, str):
            raise TypeError(f"{name} is {text!r:.100}, expected text")
        if len(text) > LONGEST_TEXT:
            raise ValueError(f"{name} has {len(text):,} characters, more than {LONGEST_TEXT:,}")
        text.encode("utf-8", "surrogateescape")  # raises for half of a surrogate pair
        if "\0" in text:
            raise ValueError(f"{name} holds a zero byte")
    for class_id in record.class_ids:
        if type(class_id) is not int or not 0 <= class_id <= MOST_CLASS_ID:
            raise ValueError(f"class id {class_id!r:.100}, expected an integer from 0 to {MOST_CLASS_ID}")
    for score in record.scores:
        if abs(score) > LARGEST_SCORE:  # false of NaN
            raise ValueError(f"score {score!r:.100}, expected a number that float32 holds")
    ids, scores = len(record.class_ids), len(record.scores)
    if ids and ids != scores:
        raise ValueError(f"{ids} class_ids, but {scores} scores")
    if ids and record.labels and len(record.labels) != ids:
        raise ValueError(f"{ids} class_ids, but {len(record.labels)} label_names")
    return record


def _reason(error: Exception, *, is_cut_off: bool) -> str:
    if is_cut_off:
        return (
            "the record is cut off, as the last one of a run that was stopped: finish that run with "
            "`ppinfer classify --resume`"
        )
    if isinstance(error, RecursionError):
        return "not a record that `ppinfer classify` writes: it is nested too deeply"
    reason = f"{error} is missing" if isinstance(error, KeyError) else str(error)
    return f"not a record that `ppinfer classify` writes: {reason:.300}"
