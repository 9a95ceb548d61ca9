"""The table's rows as the page carries them: columns of numbers and texts, packed with gzip, in base64.

The unpacked bytes are: the length of a JSON text (uint32, little-endian), that text, and the columns, each from a
multiple of 4 on. The text lists them: {"rows": N, "columns": {NAME: [TYPE, OFFSET, LENGTH]}}, offsets in bytes from the
text's end, lengths in values (of type text: in bytes, the texts between NULs). `page/unpack.js` reads it.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ppinfer.report.tally import Name, Row

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Column = NDArray[Any] | bytes

TENTHS_OF_PER_MILLE = 10_000  # scores after the first are kept in these, where they are probabilities
NO_SCORE = 0xFFFF
# Control characters, and those that turn the direction of the text that follows.
_CONTROLS = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]")


def pack(rows: Sequence[Row], names: Sequence[Name]) -> str:
    """Pack the rows, and the names that they use.

    A row's n-th answer stands in the columns `name_n` and `score_n`. `best` is exact, as the page compares by it; the
    scores shown are rounded to 1 in 10,000 where all lie between 0 and 1.
    """
    answers = max((len(row.names) for row in rows), default=0)
    columns: dict[str, Column] = {
        "number": np.array([row.number for row in rows], np.uint32),
        "best": np.array([row.best for row in rows], np.float32),
        "answers": np.array([len(row.names) for row in rows], np.uint8),
        "path": _texts(row.path for row in rows),
        "class_id": np.array([-1 if name.class_id is None else name.class_id for name in names], np.int32),
        "label": _texts(name.label for name in names),
        "stage": _texts(row.error[0] if row.error else "" for row in rows),
        "message": _texts(row.error[1] if row.error else "" for row in rows),
    }
    index_type = np.uint16 if len(names) < 1 << 16 else np.uint32
    for place in range(answers):
        columns[f"name_{place}"] = np.array([(row.names[place : place + 1] or [0])[0] for row in rows], index_type)
        scores = np.array([(row.scores[place : place + 1] or [np.nan])[0] for row in rows], np.float32)
        columns[f"score_{place}"] = _rounded(scores)
    return base64.b64encode(gzip.compress(_joined(len(rows), columns), 9, mtime=0)).decode()


def shown(text: str) -> str:
    r"""Give a text as people can read it: what isn't UTF-8, or would act on the text around it, as an escape.

    >>> print(shown("caf\udce9.jpg"), shown("two\nlines"), shown("caf\u00e9"))
    caf\xe9.jpg two\x0alines café
    """
    if text.isascii() and text.isprintable():
        return text
    try:
        readable = text.encode(errors="surrogateescape").decode(errors="backslashreplace")
    except UnicodeEncodeError:  # lone surrogates that stand for no byte
        readable = text.encode(errors="backslashreplace").decode()
    return _CONTROLS.sub(lambda found: _escaped(found[0]), readable)


def _escaped(character: str) -> str:
    return f"\\x{ord(character):02x}" if ord(character) < 256 else f"\\u{ord(character):04x}"


def _texts(texts: Iterable[str]) -> bytes:
    return "\0".join(shown(text) for text in texts).encode()


def _rounded(scores: NDArray[np.float32]) -> NDArray[Any]:
    finite = scores[np.isfinite(scores)]
    if len(finite) and (finite.min() < 0 or finite.max() > 1):
        return scores
    tenths = np.full(len(scores), NO_SCORE, np.uint16)
    there = np.isfinite(scores)
    tenths[there] = np.rint(scores[there].astype(np.float64) * TENTHS_OF_PER_MILLE)
    return tenths


def _joined(rows: int, columns: dict[str, Column]) -> bytes:
    directory: dict[str, tuple[str, int, int]] = {}
    body = bytearray()
    for name, column in columns.items():
        body += b"\0" * (-len(body) % 4)
        kind = "text" if isinstance(column, bytes) else column.dtype.name
        directory[name] = (kind, len(body), len(column))
        body += column if isinstance(column, bytes) else column.astype(column.dtype.newbyteorder("<")).tobytes()
    text = json.dumps({"rows": rows, "columns": directory}, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    return len(text).to_bytes(4, "little") + text + bytes(body)
