"""The content of images that records name: files, and members of archives as `shard.tar::a/b.jpg`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from ppinfer import _core


class ImageContent(NamedTuple):
    """What there is of one image."""

    path: str
    """As in its record."""
    content: bytes | None
    """Of a member; None for a file, which is read by its path, and beside a problem."""
    problem: str = ""
    """Why there is nothing."""


def read_images(paths: Iterable[str]) -> Iterator[ImageContent]:
    """Yield the images one at a time, so that memory holds only the images that the caller keeps.

    Members in the order of their archive are read in one pass.
    """
    members = _core.MemberReader()
    for path in paths:
        if _core.is_member_path(os.fsencode(path)):
            try:
                content, _ = members.read(os.fsencode(path))
            except (_core.BadImageError, _core.RuntimeFailure) as error:
                yield ImageContent(path, None, getattr(error, "message", "") or str(error))
            else:
                yield ImageContent(path, content)
        elif not path:
            yield ImageContent(path, None, "the record has no path")
        elif path == "-" or Path(path).is_fifo():
            yield ImageContent(path, None, "came from a pipe")
        elif not os.path.exists(path):
            yield ImageContent(path, None, "no such file, relative to the current folder")
        elif not os.path.isfile(path):  # a folder has that name now
            yield ImageContent(path, None, "isn't a regular file")
        else:
            yield ImageContent(path, None)
