"""What is to be classified, as a Ray Dataset: of files of this machine's, of an object storage, or as it was given."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import ray.data
from pyarrow.fs import FileInfo, FileSelector, FileSystem, FileType

from ppinfer import _core
from ppinfer._core import ConfigError, RuntimeFailure
from ppinfer.ray.actor import NUMBER, PATH
from ppinfer.ray.failures import failures_told

if TYPE_CHECKING:
    from ppinfer.ray.plan import ActorPlan
    from ppinfer.selection import InputSelection

IMAGES_PER_TASK = 256
"""Handed to an actor at once, and done again when a worker dies."""
TASKS_PER_ACTOR = 8
"""At the least, where there are few images, so that all actors end at about the same time."""


@dataclass(frozen=True)
class Inputs:
    """Images to classify, and how the rows stand for them."""

    dataset: Any
    """ray.data.Dataset with `path`, and `number` or `bytes`."""
    images: int | None
    """How many; None: the Dataset will show."""
    skipped: int = 0
    of_other_shards: int = 0
    not_images: dict[str, int] = field(default_factory=dict)
    filesystem: FileSystem | None = None
    """That actors read the paths in; None: the node's own files."""


def of_files(selection: InputSelection, plan: ActorPlan) -> Inputs:
    """Take files that every node sees under the same path.

    Raises:
        ConfigError: An image comes through a pipe, which is here alone.
    """
    files = selection.open()
    if files.reads_a_stream:
        raise ConfigError("an image from standard input or another pipe is on this machine only: leave out --ray")
    paths = pa.array((os.fsencode(path) for path in files), pa.binary())
    return Inputs(_numbered(paths, plan), len(paths), files.skipped, files.of_other_shards, files.not_images)


def of_storage(uris: Sequence[str], filesystem: FileSystem | None, plan: ActorPlan) -> Inputs:
    """Take objects, and all with an image's ending beneath prefixes, in the order of their names.

    URIs are such as s3://bucket/photos, all of one storage. With a `filesystem` paths within it will do.

    Raises:
        ConfigError: The scheme isn't known, or they are of several storages, or there is nothing at any of them.
        RuntimeFailure: The storage can't be asked.
    """
    found: list[str] = []
    missing: list[str] = []
    skipped = 0
    storage = filesystem
    for uri in uris:
        scheme, separator, within = uri.rpartition("://")
        if filesystem is None:
            this, within = _storage_of(uri)
            if storage is not None and not this.equals(storage):
                raise ConfigError(f"{uri}: is in another storage than those before: expected one storage in a run")
            storage = this
        for info in _listed(storage, within, uri):
            if info.type is FileType.Directory:
                continue
            if info.type is FileType.NotFound:
                missing.append(f"{uri}: no such object or prefix")
            if info.path != within and not _is_image(info.path, within):
                skipped += 1
                continue
            found.append(f"{scheme}{separator}{info.path}")
    if missing and len(missing) == len(uris):  # as InputSelection.check_any_is_there says of files
        error = ConfigError("\n".join(problems := [*missing, "nothing to classify: nothing is written"]))
        error.problems = problems
        raise error
    paths = pa.array(map(os.fsencode, found), pa.binary())
    return Inputs(_numbered(paths, plan), len(found), skipped, filesystem=storage)


def of_dataset(dataset: Any, filesystem: FileSystem | None) -> Inputs:
    """Take a Dataset with the columns `path` and `bytes`, or with `path` alone.

    Raises:
        ConfigError: It has no column `path`.
        RuntimeFailure: It can't be made.
    """
    with failures_told():
        columns = dataset.columns() or []
    if PATH not in columns:
        raise ConfigError(f"the Dataset's columns are {', '.join(columns) or 'unknown'}: expected path and bytes")
    if NUMBER in columns:
        dataset = dataset.drop_columns([NUMBER])
    return Inputs(dataset, None, filesystem=filesystem)


def _numbered(paths: pa.Array, plan: ActorPlan) -> Any:
    """Make blocks of paths, one a task."""
    rows = max(1, min(IMAGES_PER_TASK, -(-len(paths) // (plan.actors * TASKS_PER_ACTOR))))
    numbers = pa.array(range(len(paths)), pa.int64())
    table = pa.table({PATH: paths, NUMBER: numbers})
    return ray.data.from_arrow([table.slice(start, rows) for start in range(0, max(1, len(paths)), rows)])


def _storage_of(uri: str) -> tuple[FileSystem, str]:
    try:
        storage, within = FileSystem.from_uri(uri)
    except (pa.ArrowException, ValueError) as error:
        raise ConfigError(f"{uri}: {error}; another storage can be given as `filesystem`") from error
    return storage, within


def _listed(filesystem: FileSystem, within: str, uri: str) -> Iterator[FileInfo]:
    """Find an object, or the objects beneath a prefix; one that isn't there is given, too: it becomes a record."""
    try:
        info = filesystem.get_file_info(within)
        if info.type is not FileType.Directory:
            yield info
            return
        yield from sorted(filesystem.get_file_info(FileSelector(within, recursive=True)), key=lambda found: found.path)
    except OSError as error:
        raise RuntimeFailure(f"{uri}: cannot be listed: {error}") from error


def _is_image(path: str, folder: str) -> bool:
    """Tell by name, as for files: the ending of an image, and nothing hidden on the way.

    >>> _is_image("bucket/a/B.JPG", "bucket"), _is_image("bucket/.a/b.jpg", "bucket"), _is_image("b/c.txt", "b")
    (True, False, False)
    """
    below = PurePosixPath(path[len(folder) :].lstrip("/"))
    return _core.has_image_ending(below.name.encode()) and not any(part.startswith(".") for part in below.parts)
