"""Folders for images have to lie where the run, or one like it later, doesn't look for images."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from glob import has_magic

from ppinfer._core import ConfigError
from ppinfer.outputs.sources import is_member, split_member


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


def check_no_input_within(folder: str | None, paths: Iterable[str]) -> None:
    """Refuse to sort images out of the folders that they are sorted into: they would be met and put there again.

    Files that lie in `folder` itself may be sorted into the folders in it.

    Raises:
        ConfigError: An input lies in a folder in `folder`, or is one, or a pattern looks there.
    """
    if folder is None:
        return
    for path in paths:
        if any(lies_below(place, folder) for place in _places(path)):
            raise ConfigError(f"{path} lies in {folder}, which images are sorted into: take a folder elsewhere")


def lies_below(path: str, folder: str) -> bool:
    """Whether it is a folder in this folder, or lies in such a one; by its name, whatever that links to.

    >>> lies_below("sorted/a.jpg", "sorted"), lies_below("sorted/cat/a.jpg", "sorted"), lies_below("a.jpg", "sorted")
    (False, True, False)
    """
    file = split_member(path)[0] if is_member(path) else path
    holder = os.path.realpath(file if os.path.isdir(file) else os.path.dirname(file))
    root = os.path.realpath(folder)
    return holder != root and os.path.commonpath([holder, root]) == root


def _places(path: str) -> Iterator[str]:
    """Give an input; of a pattern where it begins to look, and the folders there that it finds."""
    if os.path.lexists(path) or not has_magic(path):
        yield path
        return
    parts = os.path.abspath(path).split(os.sep)
    fixed = next(place for place, part in enumerate(parts) if has_magic(part))
    root = os.sep.join(parts[:fixed]) or os.sep
    yield root
    if os.path.isdir(root):
        found = (entry for entry in os.scandir(root) if entry.is_dir())
        yield from (entry.path for entry in found if parts[fixed] == "**" or fnmatchcase(entry.name, parts[fixed]))


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
