"""What is to be classified, as a Ray Dataset: of files, of objects of a storage, or as it was given."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

import pyarrow as pa
import ray.data
from pyarrow.fs import FileSelector, FileSystem, FileType

from ppinfer import _core
from ppinfer._core import ConfigError, RuntimeFailure
from ppinfer.ray.actor import NUMBER, PATH
from ppinfer.ray.cluster import ray_failures
from ppinfer.selection import InputSelection, paths_of

IMAGES_PER_TASK = 256
"""Handed to an actor at once, and done again when a worker dies."""
TASKS_PER_ACTOR = 8
"""At least, where there are few images, so that all actors end at about the same time."""


@dataclass(frozen=True)
class Inputs:
    """Images to classify."""

    dataset: Any
    """ray.data.Dataset with `path`, and `number` or `bytes`."""
    images: int | None
    """How many; None: the Dataset will show."""
    counts: Mapping[str, Any] = field(default_factory=lambda: {"skipped": 0})
    """What else a RunSummary says of the inputs: `skipped`, `of_other_shards`, `not_images`."""
    filesystem: FileSystem | None = None
    """That actors read the paths in; None: the node's own files."""


def selected(images: Any) -> ray.data.Dataset | InputSelection:
    """Take what `classify` takes.

    Raises:
        ConfigError: Nothing is at any of the paths.
    """
    if isinstance(images, ray.data.Dataset):
        return images
    selection = images if isinstance(images, InputSelection) else InputSelection(paths=paths_of(images))
    if not any(map(_is_uri, selection.paths)):
        selection.check_any_is_there()
    return selection


def inputs_of(images: ray.data.Dataset | InputSelection, actors: int) -> Inputs:
    """List the images, and share them out to tasks.

    Raises:
        ConfigError: The inputs don't go together, an image comes through a pipe, nothing is at any of the URIs, or a
            Dataset has no column `path`.
        RuntimeFailure: A storage can't be asked, or a Dataset can't be made.
    """
    if isinstance(images, ray.data.Dataset):
        return _of_dataset(images)
    uris = [path for path in images.paths if _is_uri(path)]
    if not uris:
        return _of_files(images, actors)
    if len(uris) < len(images.paths):
        raise ConfigError(f"{', '.join(images.paths)}: expected either files or objects of a storage in a run")
    if images != InputSelection(paths=images.paths):
        raise ConfigError(f"{uris[0]}: of a storage all images are taken; patterns, shards and lists are for files")
    return _of_storage(uris, actors)


def _of_dataset(dataset: ray.data.Dataset) -> Inputs:
    with ray_failures():
        columns = dataset.columns() or []
    if PATH not in columns:
        raise ConfigError(f"the Dataset's columns are {', '.join(columns) or 'unknown'}: expected path and bytes")
    own = ray.data.Dataset.copy(dataset, _deep_copy=True)  # whose options can be set
    return Inputs(own.drop_columns([NUMBER]) if NUMBER in columns else own, None)


def _of_files(selection: InputSelection, actors: int) -> Inputs:
    files = selection.open()
    if files.reads_a_stream:
        raise ConfigError("an image from standard input or another pipe is on this machine only: leave out --ray")
    paths = pa.array((os.fsencode(path) for path in files), pa.binary())
    counts = {"skipped": files.skipped, "of_other_shards": files.of_other_shards, "not_images": files.not_images}
    return Inputs(_shared_out(paths, actors), len(paths), counts)


def _of_storage(uris: list[str], actors: int) -> Inputs:
    """Take objects, and all with an image's ending beneath prefixes, in the order of their names."""
    paths: list[bytes] = []
    missing: list[str] = []
    skipped = 0
    storage: FileSystem | None = None
    for uri in uris:
        try:
            this, within = FileSystem.from_uri(uri)
        except (pa.ArrowException, ValueError) as error:
            raise ConfigError(
                f"{uri}: {error}; of another storage give a ray.data.read_binary_files Dataset"
            ) from error
        if storage is not None and not this.equals(storage):
            raise ConfigError(f"{uri}: is in another storage than those before: expected one storage in a run")
        storage = this
        try:
            info = storage.get_file_info(within)
            is_prefix = info.type is FileType.Directory
            found = storage.get_file_info(FileSelector(within, recursive=True)) if is_prefix else [info]
        except OSError as error:
            raise RuntimeFailure(f"{uri}: cannot be listed: {error}") from error
        if info.type is FileType.NotFound:  # becomes a record
            missing.append(f"{uri}: no such object or prefix")
        files = sorted(file.path for file in found if file.type is not FileType.Directory)
        images = [path for path in files if not is_prefix or _is_image(path, within)]
        skipped += len(files) - len(images)
        paths += (os.fsencode(uri.partition("://")[0] + "://" + path) for path in images)
    if len(missing) == len(uris):  # as InputSelection.check_any_is_there says of files
        nothing = ConfigError("\n".join(problems := [*missing, "nothing to classify: nothing is written"]))
        nothing.problems = problems
        raise nothing
    return Inputs(_shared_out(pa.array(paths, pa.binary()), actors), len(paths), {"skipped": skipped}, storage)


def _shared_out(paths: pa.Array, actors: int) -> ray.data.Dataset:
    """Number the paths; a block is a task."""
    rows = max(1, min(IMAGES_PER_TASK, -(-len(paths) // (actors * TASKS_PER_ACTOR))))
    table = pa.table({PATH: paths, NUMBER: pa.array(range(len(paths)), pa.int64())})
    return ray.data.from_arrow([table.slice(start, rows) for start in range(0, max(1, len(paths)), rows)])


def _is_uri(path: str) -> bool:
    return "://" in path and not os.path.lexists(path)


def _is_image(path: str, folder: str) -> bool:
    """Tell by name, as for files: the ending of an image, and nothing hidden on the way.

    >>> _is_image("bucket/a/B.JPG", "bucket"), _is_image("bucket/.a/b.jpg", "bucket"), _is_image("b/c.txt", "b")
    (True, False, False)
    """
    below = PurePosixPath(path[len(folder) :].lstrip("/"))
    return _core.has_image_ending(below.name.encode()) and not any(part.startswith(".") for part in below.parts)
