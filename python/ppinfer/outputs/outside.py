"""Folders for images have to lie where the run, or one like it later, doesn't look for images."""

from __future__ import annotations

import os
from collections.abc import Iterable
from fnmatch import fnmatchcase
from glob import has_magic

from ppinfer._core import ConfigError


def check_outside(folder: str | None, paths: Iterable[str]) -> None:
    """Refuse to put images where a walk would find them again.

    Raises:
        ConfigError: `folder` lies in one of the inputs, or where a pattern looks.
    """
    if folder is None:
        return
    real = os.path.realpath(folder)
    for path in paths:
        walked = os.path.realpath(path)
        if os.path.isdir(walked) and os.path.commonpath([real, walked]) == walked:
            raise ConfigError(f"{folder} lies in {path}, all of which is classified: take a folder elsewhere")
        if not os.path.lexists(path) and has_magic(path) and _may_match_in(path, real):
            raise ConfigError(f"{folder} is where {path} may find images the next time: take a folder elsewhere")


def _may_match_in(pattern: str, folder: str) -> bool:
    """Whether a pattern may match the folder, one that it lies in, or something in it.

    >>> _may_match_in("/a/*", "/a/sorted"), _may_match_in("/a/*.jpg", "/a/sorted"), _may_match_in("/a/**/x", "/a/b/c")
    (True, False, True)
    """
    parts = os.path.abspath(pattern).split(os.sep)
    fixed = next(place for place, part in enumerate(parts) if has_magic(part))
    root = os.path.realpath(os.sep.join(parts[:fixed]) or os.sep)
    if os.path.commonpath([root, folder]) != root:
        return False
    within = [] if root == folder else os.path.relpath(folder, root).split(os.sep)
    for wanted, name in zip(parts[fixed:], within, strict=False):
        if wanted == "**":
            return True
        if not fnmatchcase(name, wanted):
            return False
    return bool(within)
