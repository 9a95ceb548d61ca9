"""Makes the core's Config from a user's config, model and keys, and reads its values."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import NamedTuple

from ppinfer import _core
from ppinfer.overrides import ConfigValue, GivenKey, encoded


class EffectiveValue(NamedTuple):
    """A config key's value in effect, and its origin.

    >>> EffectiveValue("5", "default").origin
    'default'
    """

    value: str
    """As config.txt would hold the value."""
    origin: str
    """The layer that sets the value, such as "default", "inference.yml", "config.txt:12" or "-o"."""
    guessed: bool = False
    """True if the key changes the pixels, and neither the config nor the model sets it."""


def effective_values(config: _core.Config) -> dict[str, EffectiveValue]:
    """Give every key's value in effect."""
    return {key: EffectiveValue(row.text, row.origin, row.guessed) for key, row in config.effective.items()}


def config_error(problem: str) -> _core.ConfigError:
    """Make the error of one problem."""
    error = _core.ConfigError(problem)
    error.problems = [problem]
    return error


def place_of_model(path: str | os.PathLike[str], given_by: str) -> tuple[str | None, list[GivenKey]]:
    """Say what a path that stands for a model names: a config to run by, or the key to set.

    A model's file sets cls_model_path, a folder model_dir. A folder that `ppinfer convert` or `quantize` made has its
    own config.txt, which is used.

    >>> place_of_model("net.onnx", "-m")
    (None, [('cls_model_path', 'net.onnx', '-m')])
    """
    place = _core.model_place(os.fsencode(path))
    if place.config_path:
        return place.config_path, []
    return None, [(place.key or "model_dir", os.fsdecode(path), given_by)]


def stands_for_model(path: str | os.PathLike[str]) -> bool:
    """Tell a model's folder or file from a config, by what is there and by the ending.

    >>> stands_for_model("net.onnx"), stands_for_model("config.txt")
    (True, False)
    """
    return _core.model_place(os.fsencode(path)).key != ""


def with_model(
    config: str | os.PathLike[str] | None, model_dir: str | os.PathLike[str] | None, keys: dict[str, ConfigValue]
) -> tuple[str | os.PathLike[str] | None, dict[str, ConfigValue]]:
    """Say which config to run by, and the keys with that of the model in them; `keys` win.

    >>> with_model("net.onnx", None, {"topk": 1})
    (None, {'cls_model_path': 'net.onnx', 'topk': 1})
    """
    if config is not None and model_dir is None and stands_for_model(config):
        config, model_dir = None, config
    if model_dir is None:
        return config, keys
    if config is not None:
        return config, {"model_dir": model_dir, **keys}
    config, named = place_of_model(model_dir, "argument")
    return config, {**{key: value for key, value, _ in named}, **keys}


def load_config(config: str | os.PathLike[str] | None, given: Iterable[GivenKey]) -> _core.Config:
    """Parse and check; the model itself isn't touched."""
    keys = encoded(given)
    return _core.Config.from_overrides(keys) if config is None else _core.Config.from_file(os.fsencode(config), keys)


def refuse_own_labels(config: str | None, loaded: _core.Config) -> None:
    """Refuse the names of classes that only a YAML holds, as no config.txt can.

    Args:
        config: The file; None: there is none.
        loaded: What was read from it.

    Raises:
        Error: It holds them. The message says what to do.
    """
    if loaded.model_labels and loaded.effective["label_path"].layer == "file":
        raise _core.Error(
            f"{config}: holds the names of the classes itself, which the config.txt to be written can't: put them into "
            "a file, one a line, and set label_path=FILE beside it"
        )
