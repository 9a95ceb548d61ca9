"""Files that a run writes have to be different ones."""

from __future__ import annotations

import os
from collections.abc import Mapping

import typer

_BESIDE = {
    "--output": ("", ".part", ".manifest", ".moves"),
    "--errors": ("", ".part"),
    "--report": ("", ".part", ".records.jsonl"),
    "--log-json": ("",),
}
_ROWS = (".jsonl", ".jsonl.part")  # beside an .npy
_CHECKED_ELSEWHERE = ({"--output", "--errors"}, {"--output", "--report"})  # by their own checks


def check_apart(written: Mapping[str, str | None]) -> None:
    """Refuse options that write into the same file.

    Args:
        written: What was given for each of `_BESIDE`'s options.

    Raises:
        BadParameter: Names both.
    """
    files = {flag: _files(flag, path) for flag, path in written.items() if path is not None}
    for flag in files:
        for other in files:
            if flag == other:
                break
            if files[flag] & files[other] and {flag, other} not in _CHECKED_ELSEWHERE:
                raise typer.BadParameter(
                    f"{written[flag]}: {other} writes to the same file; give one of them another name", param_hint=flag
                )


def _files(flag: str, path: str) -> set[str]:
    place = os.path.realpath("/dev/stdout" if path == "-" else path)
    if place == os.devnull:
        return set()
    rows = _ROWS if flag == "--output" and place.lower().endswith(".npy") else ()
    return {place + ending for ending in (*_BESIDE[flag], *rows)}
