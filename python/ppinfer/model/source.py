"""The model that another is made of, with the config that describes it."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ppinfer.config_fields import NO_FILES
from ppinfer.config_values import config_error, load_config, place_of_model, refuse_own_labels, stands_for_model
from ppinfer.hashing import sha256_of
from ppinfer.model_files import model_files
from ppinfer.overrides import GivenKey, with_absolute_paths
from ppinfer.predictor import Predictor

if TYPE_CHECKING:
    from ppinfer._core import Config, PipelineStep

INFERENCE_YML = "inference.yml"
FORMATS = {".pdmodel": "pdmodel", ".json": "pir", ".onnx": "onnx", ".xml": "ir", ".fake": "fake"}


@dataclass(frozen=True)
class Source:
    """A model's files, and the keys that go with it.

    >>> from ppinfer.model.source import find_source
    >>> source = find_source("config.txt")
    >>> source.model_file.name, source.format, source.keys["engine"]
    ('model.fake', 'fake', 'fake')
    """

    config: str | None
    given: tuple[GivenKey, ...]
    model_file: Path
    params_file: Path | None
    keys: dict[str, str]  # all of them, as they come out; paths are absolute
    guessed: frozenset[str]  # keys that nobody stated
    pipeline: tuple[PipelineStep, ...]
    notices: tuple[str, ...]

    @property
    def format(self) -> str:
        """One of FORMATS."""
        return FORMATS[self.model_file.suffix.lower()]

    @property
    def files(self) -> tuple[Path, ...]:
        """The model's own files."""
        return tuple(model_files(self.keys))

    @property
    def inference_yml(self) -> Path | None:
        """The file that the model's preprocessing was read from, if there is one."""
        folder = self.keys["model_dir"] or str(self.model_file.parent)
        path = Path(folder, INFERENCE_YML)
        return path if path.is_file() else None

    def open(self, **keys: str) -> Predictor:
        """Load the model with further keys, which win. It leaves no files behind."""
        given = {key: value for key, value, _ in self.given}
        with warnings.catch_warnings():  # the command has said them
            warnings.simplefilter("ignore")
            return Predictor(self.config, **{**given, **keys, **NO_FILES})

    def hashes(self) -> list[tuple[str, str]]:
        """Name and SHA-256 of each of the model's files."""
        return [(path.name, sha256_of(path)) for path in self.files]


def find_source(
    place: str | os.PathLike[str] | None, given: Sequence[GivenKey] = (), *, say: str = "the source"
) -> Source:
    """Find the model that a folder, a model's file or a config names, without loading it.

    Args:
        place: Any of the three; None: the keys alone name it.
        given: Keys that win over all others.
        say: What messages call `place`.

    Raises:
        ConfigError: There is none, or the config is wrong.
        Error: The config holds the names of the classes itself.
    """
    config: str | None = None
    keys = list(given)
    if place is not None:
        path = os.fspath(place)
        config, named = place_of_model(path, say) if stands_for_model(path) else (path, [])
        keys = [*named, *keys]
    absolute = with_absolute_paths({key: value for key, value, _ in keys})
    keys = [(key, str(absolute[key]), given_by) for key, _, given_by in keys]
    return _source_of(load_config(config, keys), None if config is None else os.path.abspath(config), keys)


def _source_of(loaded: Config, config: str | None, given: Sequence[GivenKey]) -> Source:
    refuse_own_labels(config, loaded)
    keys = {key: str(value) for key, value in with_absolute_paths(loaded.texts).items()}
    model_file = Path(keys["cls_model_path"])
    if model_file.suffix.lower() not in FORMATS:
        raise config_error(f"{model_file}: expected {', '.join(FORMATS)}")
    return Source(
        config,
        tuple(given),
        model_file,
        Path(keys["cls_params_path"]) if keys["cls_params_path"] else None,
        keys,
        frozenset(key for key, row in loaded.effective.items() if row.guessed),
        tuple(loaded.pipeline),
        tuple(loaded.notices),
    )
