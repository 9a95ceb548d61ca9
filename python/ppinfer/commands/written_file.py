"""Files that options name to be written: refused before the work if they can't be; and JSON that every reader takes."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Collection, Mapping
from typing import Annotated, Any, TypeAlias

import typer

JsonFile: TypeAlias = Annotated[
    str | None, typer.Option("--json", metavar="FILE", help="Write all figures as JSON; - is standard output.")
]


_BESIDE = {
    "--output": (".part", ".part.new", ".manifest"),
    "--report": (".part",),
}  # written beside the file itself, by endings
_NPY_ROWS = (".jsonl", ".jsonl.part.new")  # beside an .npy


def check_written_files(
    files: Mapping[str, str | None],
    *,
    replaced: Collection[str] = (),
    checked_later: Collection[str] = (),
    list_path: str | None = None,
    config: str | None = None,
) -> None:
    """Refuse files that can't be written or must not be overwritten, before minutes of work.

    Args:
        files: What was given for each option; None: it was not given.
        replaced: Of these options, those whose file is written beside itself and then renamed.
        checked_later: Those whose place is checked by the code that writes there.
        list_path: The list of images.
        config: The config.txt.

    Raises:
        Error: The message says which option, and why.
    """
    from ppinfer import Error
    from ppinfer.run import refuse_input

    taken: dict[str, str] = {}
    for option, path in files.items():
        if path is None:
            continue
        if path != "-" and option != "--plot":  # a plot's own name ends as an image's does; its writer checks it
            refuse_input(option, path, list_path, config)
        if path != "-" and option not in checked_later:
            _check_place(option, path, is_replaced=option in replaced)
        places = _places(option, path)
        if other := next((taken[place] for place in places if place in taken), None):
            raise Error(f"{option} {path}: {other} writes to the same file; give one of them another name")
        taken |= dict.fromkeys(places, option)


def _places(option: str, path: str) -> set[str]:
    place = os.path.realpath("/dev/stdout" if path == "-" else path)
    if place == os.devnull:
        return set()
    rows = _NPY_ROWS if option == "--output" and place.lower().endswith(".npy") else ()
    return {place + ending for ending in ("", *_BESIDE.get(option, ()), *rows)}


def _check_place(option: str, path: str, *, is_replaced: bool) -> None:
    from ppinfer import Error

    folder = os.path.dirname(path) or "."
    if os.path.isdir(path):
        raise Error(f"{option} {path}: is a folder, expected a file")
    if not os.path.isdir(folder):
        raise Error(f"{option} {path}: no such folder: {folder}")
    if is_replaced and os.path.exists(path) and not os.path.isfile(path):  # a device would be lost
        raise Error(f"{option} {path}: is not a regular file")
    if not os.access(folder if is_replaced or not os.path.exists(path) else path, os.W_OK):
        raise Error(f"{option} {path}: can't be written: permission denied")


def write_json(content: dict[str, Any], path: str) -> None:
    """Write figures; - is standard output. A number that is not finite becomes null, as JSON has no form for it.

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
