"""Which class each image of a folder shows."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from ppinfer._core import Error
from ppinfer.text_files import read_text_file

LABELS = "labels.txt"


def known_labels(
    path: str | os.PathLike[str] | None,
    folder: str | os.PathLike[str],
    *,
    on_other_file: Callable[[str], object] = lambda note: None,
) -> dict[str, int]:
    """Read the labels file of this path, or without one the folder's labels.txt, if there is one.

    That may as well be a list of the classes' names, or another thing that nobody has asked to be read: no labels then.

    Args:
        path: Of the labels file that was asked for.
        folder: Of the images.
        on_other_file: Called with what is wrong with the folder's labels.txt.

    Raises:
        Error: As read_labels, of the one that was asked for.
    """
    if path is not None:
        return read_labels(path, folder)
    own = Path(folder, LABELS)
    try:
        return read_labels(own, folder) if own.is_file() else {}
    except Error as error:
        on_other_file(f"{error}; the file is ignored (--labels names another one)")
        return {}


def read_labels(path: str | os.PathLike[str], folder: str | os.PathLike[str]) -> dict[str, int]:
    """Read lines of `file class-id`, files being relative to the folder: the id by the image's path.

    Raises:
        Error: The file can't be read, or holds another line.
    """
    labels = {}
    for number, line in enumerate(read_text_file(path).splitlines(), 1):
        if not line.strip():
            continue
        name, _, class_id = line.strip().rpartition(" ")
        if not name or not class_id.isdecimal():
            raise Error(f"{os.fspath(path)}:{number}: got {line[:80]!r}, expected `file class-id`")
        labels[os.path.normpath(os.path.join(folder, name.strip()))] = int(class_id)
    return labels
