"""Folders that a recipe makes: whole or not at all, left alone while they are as they were made.

A stamp with the recipe and the hash of each file is next to the folder, so that the folder has only its own files.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from ppinfer.hashing import sha256_of
from ppinfer.whole_folder import whole_folder
from recipes.failure import RecipeError


def make_folder(out: Path, recipe: Mapping[str, str], fill: Callable[[Path], None], *, force: bool = False) -> bool:
    """Let `fill` write its files into a new folder and put that at `out`; False if `out` was as made already.

    When `fill` throws, `out` stays as it was. A folder that no recipe made is only replaced with `force`.
    """
    out = out.resolve()
    if not force and is_as_made(out, recipe):
        return False
    is_free = not out.exists() or (out.is_dir() and not any(out.iterdir()))
    if not force and not is_free and not _stamp_of(out).is_file():
        raise RecipeError(f"{out} has files of another origin; move the folder, or replace it with --force")
    try:
        with whole_folder(out) as made:
            fill(made)
            files = {path.name: sha256_of(path) for path in sorted(made.iterdir())}
        stamp = json.dumps({"recipe": dict(recipe), "files": files}, indent=2)
        _stamp_of(out).write_text(stamp + "\n", encoding="utf-8")
    except OSError as error:
        raise RecipeError(f"{out} can't be made: {error}") from error
    return True


def is_as_made(out: Path, recipe: Mapping[str, str]) -> bool:
    """Whether this recipe made the folder and its files are unchanged; further files may be in the folder."""
    try:
        stamp = json.loads(_stamp_of(out).read_text(encoding="utf-8"))
        files = dict(stamp["files"])
        return bool(stamp["recipe"] == dict(recipe)) and all(sha256_of(out / n) == s for n, s in files.items())
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _stamp_of(out: Path) -> Path:
    return out.with_name(f".{out.name}.made_by.json")
