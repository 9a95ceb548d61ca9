"""Results as rows of an Arrow table: which columns there are, and what stands in them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    from ppinfer.result import Result

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


def record_batch(results: Sequence[Result], schema: pa.Schema) -> pa.RecordBatch:
    r"""Make a row of each result. An image's lists are null when it is bad, its error when it is not.

    `path` is text for people and joins: where a path isn't UTF-8, its odd bytes are written as \xNN there, and
    `path_bytes` holds it as it is. Labels and messages are made text in the same way.
    """
    errors = [result.error for result in results]
    texts, raw_paths = _path_columns(result.path for result in results)

    def of_good(values: Callable[[Result], Any]) -> list[Any]:
        return [None if error else values(result) for result, error in zip(results, errors, strict=True)]

    columns: dict[str, Callable[[], Iterable[Any]]] = {
        "path": lambda: texts,
        "path_bytes": lambda: raw_paths,
        "status": lambda: ["error" if error else "ok" for error in errors],
        "class_ids": lambda: of_good(lambda result: result.class_ids),
        "scores": lambda: of_good(lambda result: result.scores),
        "label_names": lambda: of_good(lambda result: _texts(result.label_names)),
        "error_stage": lambda: [error and error.stage for error in errors],
        "error_message": lambda: [error and _text(error.message) for error in errors],
        "attributes": lambda: of_good(lambda result: _texts(result.attributes)),
        "attribute_flags": lambda: of_good(lambda result: result.attribute_flags),
        "embedding": lambda: of_good(lambda result: result.embedding),
    }
    return pa.record_batch([pa.array(columns[field.name](), type=field.type) for field in schema], schema=schema)


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
