"""The file that `--json` or `--html` names: refused before the work if it can't be written; JSON that all can read."""

from __future__ import annotations

import json
import math
import os
from typing import Annotated, Any, TypeAlias

import typer

JsonFile: TypeAlias = Annotated[
    str | None, typer.Option("--json", metavar="FILE", help="Write all figures as JSON; - is standard output.")
]


def check_written_file(path: str | None, option: str = "--json") -> None:
    """Refuse a file that can't be written or must not be, before minutes of work.

    Raises:
        Error: The message says why.
    """
    from ppinfer import Error

    if path is None or path == "-":
        return
    from ppinfer._core import mistaken_output

    if meant := mistaken_output(os.fsencode(path)):
        raise Error(f"{option} {path}: that is {meant}, expected a file to write")
    above = os.path.dirname(path) or "."
    if os.path.isdir(path):
        raise Error(f"{option} {path}: is a folder, expected a file")
    if not os.path.isdir(above):
        raise Error(f"{option} {path}: there is no folder {above}")
    if not os.access(path if os.path.exists(path) else above, os.W_OK):
        raise Error(f"{option} {path}: can't be written: permission denied")


def write_json(content: dict[str, Any], path: str) -> None:
    """Write figures; - is standard output. What is no finite number, which JSON has none of, becomes null.

    Raises:
        Error: The file can't be written.
    """
    from ppinfer import Error

    text = json.dumps(_without_nan(content), indent=2, allow_nan=False)
    if path == "-":
        print(text)
        return
    try:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text + "\n")
    except OSError as error:
        raise Error(f"--json {path}: {error.strerror}") from None


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nan(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_nan(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
