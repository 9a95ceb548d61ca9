"""The results that count as right: fp32, of another engine where one reads the model, exact decoding, batch size 1."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

from ppinfer import _core
from ppinfer.config_fields import FIELDS
from ppinfer.config_values import load_config, place_of_model, stands_for_model
from ppinfer.overrides import GivenKey
from ppinfer.result import Result

QUANTISED_NOTE = (
    "the model is quantised, and fp32 here is the same model computed in float32; --reference CONFIG compares with the "
    "original model"
)

# Ending of a model's file -> the engines that read it.
READERS = {
    **{".pdmodel": ("paddle", "openvino"), ".json": ("paddle", "openvino")},
    **{".onnx": ("openvino",), ".xml": ("openvino",)},
}
# Tuned keys are at their defaults, and no copies of images are made.
KEYS = {
    "save_dir": "",
    **{key: field.default_value for key, field in FIELDS.items() if field.tuned and key != "engine"},
}


def with_keys(given: Iterable[GivenKey], keys: Mapping[str, str], given_by: str) -> list[GivenKey]:
    """Set keys, instead of what was given for them.

    >>> with_keys([("topk", "3", "-o"), ("lanes", "2", "-o")], {"lanes": "1"}, "latency")
    [('topk', '3', '-o'), ('lanes', '1', 'latency')]
    """
    kept = [key for key in given if key[0] not in keys]
    return kept + [(key, value, given_by) for key, value in keys.items()]


def load_reference(config: str | None, given: Sequence[GivenKey], other: str | None = None) -> _core.Predictor:
    """Load the predictor whose results count as right.

    Args:
        config: The config.txt of what will be timed.
        given: The keys that win over it.
        other: Instead of both: a config.txt, or a model's folder or file. It keeps its own engine.

    Raises:
        ConfigError: The config is wrong.
        ModelError: No engine can load the model at fp32.
    """
    if other is not None:
        place, named = place_of_model(other, "--reference") if stands_for_model(other) else (other, [])
        return _core.Predictor(load_config(place, with_keys(named, KEYS, "--reference")))
    values = load_config(config, given).texts
    own = values["engine"]
    readers = READERS.get(os.path.splitext(values["cls_model_path"])[1].lower(), (own,))
    error: _core.ModelError | None = None
    for engine in sorted(readers, key=lambda engine: engine == own):
        try:
            keys = {**KEYS, "engine": engine}
            return _core.Predictor(load_config(config, with_keys(given, keys, "reference")))
        except _core.ModelError as failed:
            error = failed
    raise error or _core.ModelError(f"{values['cls_model_path']}: no engine can load it at fp32")


def results_of(predictor: _core.Predictor, paths: Iterable[str]) -> list[Result]:
    """Classify images: one Result each, also for bad images."""
    images = (_core.ImageInput.from_path(os.fsencode(path)) for path in paths)
    return predictor.predict_many(images)
