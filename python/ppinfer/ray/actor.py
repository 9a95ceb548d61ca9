"""What runs on the nodes: a Predictor that makes a table of records of a table of images."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import ray

from ppinfer import _core
from ppinfer.config_values import load_config
from ppinfer.outputs.arrow_records import record_batch
from ppinfer.ray.attempts import MAX_ATTEMPTS
from ppinfer.ray.node_files import classify_paths
from ppinfer.ray.storage_objects import read_objects, without_path

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

    from ppinfer.overrides import GivenKey
    from ppinfer.result import Result

NUMBER = "number"
"""Column of a row's place among all; only where there is an order to keep."""
PATH = "path"
BYTES = "bytes"


@dataclass(frozen=True)
class ActorModel:
    """All that an actor needs to know."""

    config: str | None
    """Absolute path of a config.txt."""
    given: list[GivenKey]
    """Further keys, with absolute paths, lanes and threads_per_lane among them."""
    version: str
    """Of ppinfer where the run was started."""
    schema: pa.Schema
    """Of the records."""
    filesystem: FileSystem | None
    """Where paths without bytes are read; None: from the node's own files."""
    folder: str
    """That relative paths start at: where the run was started."""
    attempts: Any
    """Handle of an Attempts actor."""


class BatchClassifier:
    """A callable for `Dataset.map_batches`: one Predictor, kept for all batches.

    Takes tables with the columns `path` (bytes or text) and, unless images are to be read here, `bytes`. Gives a table
    of a record a row, in their order; a column `number` goes through.
    """

    def __init__(self, model: ActorModel) -> None:
        self._actor_id: str = ray.get_runtime_context().get_actor_id() or ""
        self._attempts = model.attempts
        ray.get(self._attempts.come.remote(self._actor_id))
        self._predictor: _core.Predictor | None = None
        self._failure: _core.Error | None = None
        try:
            self._predictor = _open_predictor(model)
        except _core.Error as error:  # raised here, Ray would start another actor, and hide it in a traceback
            self._failure = error
        self._schema = model.schema
        self._filesystem = model.filesystem
        self._folder = model.folder

    def __call__(self, images: pa.Table) -> pa.Table:
        """Classify the images of a table.

        Raises:
            Error: The model can't be loaded here; or workers died of these images again and again.
        """
        if self._failure is not None:
            raise self._failure
        paths = [None if path is None else os.fsdecode(path) for path in images[PATH].to_pylist()]
        if paths:
            self._begin(images, paths)
        results = self._classify(images, paths)
        named = [result.replace(path=path) for path, result in zip(paths, results, strict=True)]
        records = pa.Table.from_batches([record_batch(named, self._schema)] if named else [], self._schema)
        self._attempts.end.remote(self._actor_id)
        return records.append_column(NUMBER, images[NUMBER]) if NUMBER in images.column_names else records

    def _begin(self, images: pa.Table, paths: list[str | None]) -> None:
        if ray.get(self._attempts.begin.remote(self._actor_id, _task_of(images, paths))) < MAX_ATTEMPTS:
            return
        which = f"the {len(paths)} images"
        if NUMBER in images.column_names:
            first = images[NUMBER][0].as_py()
            which = f"images {first} to {first + len(paths) - 1}"
        raise _core.RuntimeFailure(
            f"{MAX_ATTEMPTS} workers died at {which}; the first is {paths[0]}: classify these alone, or leave them out"
        )

    def _classify(self, images: pa.Table, paths: list[str | None]) -> list[Result]:
        assert self._predictor is not None, "a failure would have been raised"
        if BYTES in images.column_names:
            return self._predictor.predict_many(given_bytes(value) for value in images[BYTES])
        if self._filesystem is not None:
            return self._predictor.predict_many(read_objects(self._filesystem, paths))
        named = [path for path in paths if path is not None]
        results = iter(classify_paths(self._predictor, [os.path.join(self._folder, path) for path in named]))
        return [self._predictor.predict_one(without_path()) if path is None else next(results) for path in paths]


def _open_predictor(model: ActorModel) -> _core.Predictor:
    if model.version != _core.__version__:
        raise _core.Error(
            f"ppinfer {_core.__version__} is installed on node {os.uname().nodename}, but {model.version} where the "
            "run was started: install the same everywhere"
        )
    return _core.Predictor(load_config(model.config, model.given))


def _task_of(images: pa.Table, paths: list[str | None]) -> Hashable:
    """Give what tells these images from those of other tasks, and is the same when they are begun again."""
    if NUMBER in images.column_names:
        return int(images[NUMBER][0].as_py())
    lengths = pc.binary_length(images[BYTES]).to_pylist() if BYTES in images.column_names else []
    return hashlib.sha256(repr((paths, lengths)).encode(errors="surrogateescape")).digest()


def given_bytes(value: pa.Scalar) -> _core.ImageInput:
    """Take an image's bytes in place."""
    if not value.is_valid:
        return _core.ImageInput.unusable("the Dataset has no bytes of it")
    return _core.ImageInput.from_encoded(value.as_buffer())
