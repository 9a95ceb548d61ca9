"""The images of folders, for commands that read images by their paths."""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence

from ppinfer import _core
from ppinfer.selection import NO_ARCHIVES, InputSelection


def images_in(places: Sequence[str], *, limit: int | None = None, archives: bool = False) -> list[str]:
    """List image files, and the images of folders, as `classify` takes them; stops at the limit.

    Args:
        places: Files and folders.
        limit: Images at most, the first ones.
        archives: Whether to list the images of archives in these folders, too.

    >>> images_in(["photos"]), images_in(["photos"], limit=1)
    (['photos/cat.jpg', 'photos/dog.jpg'], ['photos/cat.jpg'])

    Raises:
        Error: There are none.
    """
    exclude = () if archives else NO_ARCHIVES
    paths = list(itertools.islice(InputSelection(paths=tuple(places), exclude=exclude).open(), limit))
    if not paths:
        raise _core.Error(f"no images in {', '.join(places)}")
    return paths


def images_in_folder(folder: str | os.PathLike[str], *, limit: int | None = None, archives: bool = False) -> list[str]:
    """List the images of a folder and its subfolders, as `images_in` does.

    Raises:
        Error: It is not a folder, or has no images.
    """
    if not os.path.isdir(folder):
        raise _core.Error(f"{os.fspath(folder)}: not a folder")
    return images_in([os.fspath(folder)], limit=limit, archives=archives)


def evenly_spaced(paths: Sequence[str], limit: int) -> list[str]:
    """Take at most `limit` paths, evenly spaced.

    >>> evenly_spaced(["a", "b", "c", "d", "e"], 2)
    ['a', 'c']
    """
    count = min(limit, len(paths))
    return [paths[index * len(paths) // count] for index in range(count)]
