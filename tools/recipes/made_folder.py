"""Folders that a recipe makes: whole or not at all, left alone while they are as they were made."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from recipes.failure import RecipeError
from recipes.pinned_wheels import sha256_of

STAMP = ".made_by.json"


def is_as_made(folder: Path, recipe: Mapping[str, str]) -> bool:
    """Whether this very recipe made the folder and all its files are as they were then."""
    try:
        stamp = json.loads((folder / STAMP).read_text(encoding="utf-8"))
        files = dict(stamp["files"])
        return bool(stamp["recipe"] == dict(recipe)) and all(sha256_of(folder / n) == s for n, s in files.items())
    except (OSError, ValueError, KeyError, TypeError):
        return False


def make_folder(out: Path, recipe: Mapping[str, str], fill: Callable[[Path], None], *, force: bool = False) -> bool:
    """Let `fill` write its files into a new folder and put that at `out`; False if `out` was as made already.

    When `fill` throws, `out` stays as it was. A folder that holds something else is only replaced with `force`.
    """
    if not force and is_as_made(out, recipe):
        return False
    if not force and out.exists() and not (out / STAMP).is_file() and not (out.is_dir() and not any(out.iterdir())):
        raise RecipeError(f"{out} exists and holds something else; move it away, or replace it with --force")
    parent = out.absolute().parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(dir=parent, prefix=f".{out.name}-"))
    except OSError as error:
        raise RecipeError(f"{out} can't be made: {error}") from error
    try:
        made = work / "made"
        made.mkdir()
        fill(made)
        files = {path.name: sha256_of(path) for path in sorted(made.iterdir())}
        stamp = {"recipe": dict(recipe), "files": files}
        (made / STAMP).write_text(json.dumps(stamp, indent=2) + "\n", encoding="utf-8")
        _put(made, out, work / "replaced")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return True


def _put(made: Path, out: Path, replaced: Path) -> None:
    if out.exists():
        os.rename(out, replaced)
    try:
        os.rename(made, out)
    except OSError:
        if replaced.exists():
            os.rename(replaced, out)
        raise
