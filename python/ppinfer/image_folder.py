"""The images of a folder."""

from __future__ import annotations

import os

from ppinfer import _core


def list_pictures(folder: str | os.PathLike[str]) -> list[str]:
    """List the images of a folder and the folders in it, as `classify` takes them.

    >>> list_pictures("photos")
    ['photos/cat.jpg', 'photos/dog.jpg']

    Raises:
        Error: It is no folder, or has no images.
    """
    if not os.path.isdir(folder):
        raise _core.Error(f"{os.fspath(folder)}: not a folder")
    paths = list(_core.ImageFiles([os.fsencode(folder)]))
    if not paths:
        raise _core.Error(f"no images in {os.fspath(folder)}")
    return paths
