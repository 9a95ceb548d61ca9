"""Files of records, one record after the other: JSON Lines, CSV and Parquet, told by content."""

from __future__ import annotations

import contextlib
import csv
import json
import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ppinfer._core import Error
from ppinfer.making.extras import need

LONGEST_FIELD = 1 << 30  # of CSV, bytes; csv's own limit is below a long vector's text
NO_RECORD = (ValueError, KeyError, TypeError, AttributeError, OverflowError)  # raised by something that is none
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


def read_records(files: Iterable[Path]) -> Iterator[Record]:
    """Read files of records, one after the other."""
    for file in files:
        yield from read_file(file)


def read_file(file: Path) -> Iterator[Record]:
    """Read a file of records; memory doesn't grow with it.

    Raises:
        Error: It can't be read, or something in it is no record; says where, and what was expected.
    """
    try:
        yield from _reader_of(file)(file)
    except OSError as error:
        raise Error(f"{file}: {error.strerror or error}") from None


def read_metadata(file: Path) -> dict[str, Any]:
    """Give what a Parquet file says about the run that made it (model, config, version); {} for other formats."""
    if _reader_of(file) is not _parquet:
        return {}
    metadata = _open_parquet(file).schema_arrow.metadata or {}
    texts = {key.decode(): value.decode(errors="replace") for key, value in metadata.items()}
    found: dict[str, Any] = {
        key.removeprefix("ppinfer."): text for key, text in texts.items() if key.startswith("ppinfer.")
    }
    for key, text in found.items():
        if text.startswith("{"):
            with contextlib.suppress(ValueError):  # then it is shown as the text that it is
                found[key] = json.loads(text)
    return found


def _reader_of(file: Path) -> Any:
    """Tell the format by the first bytes: names of files are the user's own choice."""
    try:
        if not file.is_file() and file.exists():
            raise Error(f"{file}: no regular file, expected one that holds records")
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
        f"{file}: no records that a report can be made of: expected JSON Lines, CSV or Parquet, as "
        "`ppinfer classify --format jsonl` writes them; the text format has no fixed fields"
    )


# ---- JSON Lines ------------------------------------------------------------------------------------------------------


def _jsonl(file: Path) -> Iterator[Record]:
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield _of_json(json.loads(line))
            except NO_RECORD as error:
                raise _no_record(f"{file}:{number}", error, cut_off=not line.endswith(b"\n")) from None


def _of_json(record: Mapping[str, Any]) -> Record:
    path = record["path"] or ""
    if record["status"] == "error":
        error = record["error"]
        return _checked(Record(path, error_stage=error["stage"], error_message=error["message"]))
    scores = [math.nan if score is None else float(score) for score in record["scores"]]
    labels = record["label_names"] or record.get("attributes") or []
    return _checked(Record(path, [int(class_id) for class_id in record["class_ids"]], scores, labels))


# ---- CSV -------------------------------------------------------------------------------------------------------------


def _csv(file: Path) -> Iterator[Record]:
    csv.field_size_limit(max(LONGEST_FIELD, csv.field_size_limit()))
    with file.open(encoding="utf-8", errors="surrogateescape", newline="") as text:
        rows = csv.reader(text)
        names = next(rows)
        for row in rows:
            try:
                yield _of_csv(dict(zip(names, row, strict=True)))
            except NO_RECORD as error:
                raise _no_record(f"{file}:{rows.line_num}", error, cut_off=len(row) < len(names)) from None


def _of_csv(fields: Mapping[str, str]) -> Record:
    if fields["status"] == "error":
        return Record(fields["path"], error_stage=fields["error_stage"], error_message=fields["error_message"])
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


def _parquet(file: Path) -> Iterator[Record]:
    opened = _open_parquet(file)
    columns = [name for name in PARQUET_COLUMNS if name in opened.schema_arrow.names]
    missing = {"path", "status", "class_ids", "scores", "error_stage", "error_message"} - set(columns)
    if missing:
        raise Error(f"{file}: no records of `ppinfer classify`: it lacks the columns {', '.join(sorted(missing))}")
    rows = (row for batch in opened.iter_batches(batch_size=4096, columns=columns) for row in batch.to_pylist())
    for number, row in enumerate(rows, 1):
        try:
            yield _of_parquet(row)
        except NO_RECORD as error:
            raise _no_record(f"{file}, row {number}", error, cut_off=False) from None


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
    texts = {"path": record.path, "stage of the error": record.error_stage, "message": record.error_message}
    wrong = next((f"{name} is {value!r}" for name, value in texts.items() if not isinstance(value, str)), None)
    if wrong is None and not all(isinstance(label, str) for label in record.labels):
        wrong = f"label_names are {record.labels!r}"
    if wrong is not None:
        raise TypeError(f"{wrong}, expected text")
    ids, scores = len(record.class_ids), len(record.scores)
    if ids and ids != scores:
        raise ValueError(f"{ids} class_ids, but {scores} scores")
    if ids and record.labels and len(record.labels) != ids:
        raise ValueError(f"{ids} class_ids, but {len(record.labels)} label_names")
    return record


def _no_record(where: str, error: Exception, *, cut_off: bool) -> Error:
    if cut_off:
        return Error(
            f"{where}: the record is cut off, as the last one of a run that was stopped: go on with it by "
            "`ppinfer classify --resume`, or remove that line"
        )
    reason = f"{error} is missing" if isinstance(error, KeyError) else str(error)
    return Error(f"{where}: no record as `ppinfer classify` writes them: {reason}")
