"""Objects of a storage, read where they are classified."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import pyarrow as pa

from ppinfer._core import ImageInput

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

THREADS = 16
"""That wait for the storage at the same time. They compute next to nothing."""
AHEAD = 2 * THREADS
"""Objects that are asked for before the lanes want them; all of a task would be too much memory."""


def read_objects(filesystem: FileSystem, paths: Sequence[str | None]) -> Iterator[ImageInput]:
    """Give the images one after the other, in order. What can't be read is an input, too: its record says why."""
    with ThreadPoolExecutor(THREADS) as threads:
        asked: deque[Future[ImageInput]] = deque()
        for path in paths:
            asked.append(threads.submit(_read, filesystem, path))
            if len(asked) > AHEAD:
                yield asked.popleft().result()
        while asked:
            yield asked.popleft().result()


def place_of(path: str) -> str:
    """Give an object's place in its storage: what follows the scheme.

    >>> place_of("s3://bucket/a.jpg"), place_of("bucket/a.jpg")
    ('bucket/a.jpg', 'bucket/a.jpg')
    """
    return path.partition("://")[2] if "://" in path else path


def without_path() -> ImageInput:
    """Stand for an image that nobody named."""
    return ImageInput.unusable("the Dataset has no path of it")


def _read(filesystem: FileSystem, path: str | None) -> ImageInput:
    if path is None:
        return without_path()
    try:
        with filesystem.open_input_file(place_of(path)) as file:
            return ImageInput.from_encoded(file.read_buffer())
    except (OSError, pa.ArrowException) as error:
        return ImageInput.unusable(f"cannot be read: {error}")
