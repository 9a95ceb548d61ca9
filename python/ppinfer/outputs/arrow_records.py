"""Results as rows of an Arrow table: which columns there are, and what stands in them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import pyarrow as pa

Record: TypeAlias = Mapping[str, Any]
ATTRIBUTE_OPS = ("person_attribute", "vehicle_attribute")


def record_schema(postprocess: str, vector_length: int, metadata: Mapping[str, str]) -> pa.Schema:
    """Give the columns of records of a postprocess op.

    Args:
        postprocess: The config's; decides about `attributes`, `attribute_flags` and `embedding`.
        vector_length: Of an embedding.
        metadata: Goes with the columns.
    """
    fields = [
        pa.field("path", pa.string()),
        pa.field("path_bytes", pa.binary()),
        pa.field("status", pa.string(), nullable=False),
        pa.field("class_ids", pa.list_(pa.int32())),
        pa.field("scores", pa.list_(pa.float32())),
        pa.field("label_names", pa.list_(pa.string())),
        pa.field("error_stage", pa.string()),
        pa.field("error_message", pa.string()),
    ]
    if postprocess in ATTRIBUTE_OPS:
        fields += [pa.field("attributes", pa.list_(pa.string())), pa.field("attribute_flags", pa.list_(pa.int32()))]
    if postprocess == "embedding":
        fields.append(pa.field("embedding", pa.list_(pa.float32(), vector_length)))
    return pa.schema(fields, metadata={**metadata})


def record_batch(records: Sequence[Record], schema: pa.Schema) -> pa.RecordBatch:
    r"""Make a row of each record. An image's lists are null when it is bad, its error when it is not.

    `path` is text for people and joins: where a path isn't UTF-8, its odd bytes are written as \xNN there, and
    `path_bytes` holds it as it is. Labels and messages are made text in the same way.

    Args:
        records: As `Result.to_dict` gives them, and JSON Lines.
        schema: That of `record_schema`.
    """
    errors = [record.get("error") for record in records]
    texts, raw_paths = _path_columns(record["path"] for record in records)
    columns: dict[str, Callable[[], Iterable[Any]]] = {
        "path": lambda: texts,
        "path_bytes": lambda: raw_paths,
        "status": lambda: [record["status"] for record in records],
        "error_stage": lambda: [error and error["stage"] for error in errors],
        "error_message": lambda: [error and _text(error["message"]) for error in errors],
    }

    def column(field: pa.Field) -> pa.Array:
        if field.name in columns:
            values = columns[field.name]()
        elif field.type == pa.list_(pa.string()):
            values = [None if record.get("error") else _texts(record.get(field.name, ())) for record in records]
        else:
            values = [None if record.get("error") else record.get(field.name, ()) for record in records]
        return pa.array(values, type=field.type)

    return pa.record_batch([column(field) for field in schema], schema=schema)


def _path_columns(paths: Iterable[str | None]) -> tuple[list[str | None], list[bytes | None]]:
    texts: list[str | None] = []
    raw_paths: list[bytes | None] = []
    for path in paths:
        raw = None if path is None else os.fsencode(path)
        try:
            texts.append(None if raw is None else raw.decode())
            raw_paths.append(None)
        except UnicodeDecodeError:
            assert raw is not None
            texts.append(raw.decode(errors="backslashreplace"))
            raw_paths.append(raw)
    return texts, raw_paths


def _text(value: str) -> str:
    return value.encode(errors="surrogateescape").decode(errors="backslashreplace")


def _texts(values: Iterable[str]) -> list[str]:
    return [value if value.isascii() else _text(value) for value in values]
