"""Files that a node sees itself, members of archives among them, classified by their paths."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from ppinfer._core import ImageFiles, ImageInput, Predictor, is_member_path
from ppinfer.selection import ARCHIVE_ENDINGS

if TYPE_CHECKING:
    from ppinfer.result import Result


def classify_paths(predictor: Predictor, paths: Sequence[str]) -> list[Result]:
    """Give a result a path, in order.

    Neighbours of one archive are found in one pass over it; single ones would be searched from its start.
    """
    results: list[Result] = []
    for kind, run in groupby(paths, _kind):
        if kind == "file":
            results += predictor.predict_many(ImageInput.from_path(os.fsencode(path)) for path in run)
        elif kind == "member":
            results += predictor.classify_files(ImageFiles([os.fsencode(path) for path in run]), None)
        else:
            results += _of_damaged_archives(predictor, run)
    return results


def _kind(path: str) -> str:
    """Tell what a path is. An archive itself stands for the rest of it that can't be read.

    >>> _kind("a.jpg"), _kind("shard.tar::a.jpg"), _kind("shard.tar")
    ('file', 'member', 'archive')
    """
    if is_member_path(os.fsencode(path)):
        return "member"
    return "archive" if path.lower().endswith(ARCHIVE_ENDINGS) else "file"


def _of_damaged_archives(predictor: Predictor, archives: Iterable[str]) -> Iterable[Result]:
    for archive in archives:
        found = predictor.classify_files(ImageFiles([os.fsencode(archive)]), None)
        said = [result for result in found if result.path == archive]
        changed = ImageInput.unusable("the archive was damaged when the run began, and isn't any more")
        yield said[0] if said else predictor.predict_one(changed)
