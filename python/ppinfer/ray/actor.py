"""What runs on the nodes: a Predictor that turns a table of images into a table of records."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import pyarrow as pa
import ray
from ray.experimental.internal_kv import _internal_kv_del, _internal_kv_get, _internal_kv_put  # no actor to start

from ppinfer import _core
from ppinfer.config_values import load_config
from ppinfer.outputs.arrow_records import record_batch

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

    from ppinfer.overrides import GivenKey
    from ppinfer.result import Result

NUMBER = "number"
"""Column of an image's place among all; a Dataset that was given has none."""
PATH = "path"
BYTES = "bytes"
MAX_DEATHS = 3
"""Workers that may die of one image alone, after one that died of a batch with this image."""
READERS = 16
"""Threads that wait for a storage."""
READ_AHEAD = 2 * READERS
"""Objects that are read before the lanes want them."""


class BatchClassifier:
    """A callable for `Dataset.map_batches`: one Predictor for all batches.

    Takes tables with the columns `path` (bytes or text) and, unless images are read here, `bytes`. Gives a table with a
    record for each row, in order. A column `number` is kept.

    Args:
        config: Absolute path of a config.txt.
        given: Further keys, with absolute paths, `lanes` and `threads_per_lane` among them.
        version: Of ppinfer where the run was started.
        schema: Of the records.
        filesystem: Where paths without bytes are read; None: from the node's own files.
        folder: That relative paths start at: where the run was started.
    """

    def __init__(
        self,
        config: str | None,
        given: list[GivenKey],
        version: str,
        schema: pa.Schema,
        filesystem: FileSystem | None,
        folder: str,
    ) -> None:
        self._config, self._given, self._version = config, given, version
        self._schema, self._filesystem, self._folder = schema, filesystem, folder
        self._predictor: _core.Predictor | None = None

    def __call__(self, images: pa.Table) -> pa.Table:
        """Classify the images of a table.

        Raises:
            Error: Another ppinfer is installed here, or the model can't be loaded.
            RuntimeFailure: Several workers died of an image.
        """
        if self._predictor is None:  # for what __init__ raises Ray would start another actor
            self._predictor = self._loaded()
        paths = [None if path is None else os.fsdecode(path) for path in images[PATH].to_pylist()]
        results = self._guarded(self._predictor, images, paths)
        named = [result.replace(path=path) for path, result in zip(paths, results, strict=True)]
        records = pa.Table.from_batches(
            [record_batch([result.to_dict() for result in named], self._schema)], self._schema
        )
        return records.append_column(NUMBER, images[NUMBER]) if NUMBER in images.column_names else records

    def _loaded(self) -> _core.Predictor:
        if self._version != _core.__version__:
            raise _core.Error(
                f"ppinfer {_core.__version__} is installed on node {os.uname().nodename}, but {self._version} where "
                "the run was started: install the same everywhere"
            )
        return _core.Predictor(load_config(self._config, self._given))

    def _guarded(self, predictor: _core.Predictor, images: pa.Table, paths: list[str | None]) -> list[Result]:
        """Classify a batch, image by image if a worker died of it, so that the deadly image is found."""
        actor_id = ray.get_runtime_context().get_actor_id()  # the same after a restart
        batch = f"ppinfer:{actor_id}:{paths[:1]!r}"
        if not _begun_before(batch):
            results = self._classify(predictor, images, paths)
        else:
            results = []
            for row, path in enumerate(paths):
                deaths = _begun_before(f"{batch}:{row}")
                if deaths >= MAX_DEATHS:
                    raise _core.RuntimeFailure(f"{path}: {deaths + 1} workers died of this image: leave it out")
                results += self._classify(predictor, images.slice(row, 1), [path])
                _internal_kv_del(f"{batch}:{row}")
        _internal_kv_del(batch)
        return results

    def _classify(self, predictor: _core.Predictor, images: pa.Table, paths: list[str | None]) -> list[Result]:
        if BYTES in images.column_names:
            return predictor.predict_many(map(_from_bytes, images[BYTES]))
        if self._filesystem is not None:
            return predictor.predict_many(read_objects(self._filesystem, paths))
        places = [None if path is None else os.path.join(self._folder, path) for path in paths]
        given = tuple(place for place in places if place is not None)
        # Only these; of a damaged archive only its error.
        files = _core.InputSelection(paths=given, exclude=("*",)).open()
        found = {result.path: result for result in predictor.classify_files(files, None)}
        return [found.get(place) or predictor.predict_one(_unnamed_or_changed(place)) for place in places]


def _begun_before(key: str) -> int:
    """Record in the cluster that this work begins; return how often it began before without an end."""
    count = int(_internal_kv_get(key) or 0)
    _internal_kv_put(key, str(count + 1), overwrite=True)
    return count


def _from_bytes(content: pa.Scalar) -> _core.ImageInput:
    if not content.is_valid:
        return _core.ImageInput.unusable("the Dataset has no bytes of it")
    return _core.ImageInput.from_encoded(content.as_buffer())


def _unnamed_or_changed(path: str | None) -> _core.ImageInput:
    reason = "the Dataset has no path of it" if path is None else "it was changed after the run began"
    return _core.ImageInput.unusable(reason)


def read_objects(filesystem: FileSystem, paths: Sequence[str | None]) -> Iterator[_core.ImageInput]:
    """Give objects of a storage in order. One that can't be read is an input, too: its record says why."""

    def read(path: str | None) -> _core.ImageInput:
        if path is None:
            return _unnamed_or_changed(path)
        try:
            with filesystem.open_input_file(path.partition("://")[2] or path) as file:
                return _core.ImageInput.from_encoded(file.read_buffer())
        except (OSError, pa.ArrowException) as error:
            return _core.ImageInput.unusable(f"cannot be read: {error}")

    with ThreadPoolExecutor(READERS) as threads:
        asked: deque[Future[_core.ImageInput]] = deque()
        for path in paths:
            asked.append(threads.submit(read, path))
            if len(asked) > READ_AHEAD:
                yield asked.popleft().result()
        while asked:
            yield asked.popleft().result()
