"""The files of a model."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from ppinfer import _core
from ppinfer.hashing import sha256_of


def model_files(values: Mapping[str, str]) -> list[Path]:
    """Give the model's own file and those of its weights, if it has any, by a config's values in effect.

    Raises ModelError where an ONNX is damaged or names weights outside its folder.

    >>> model_files({"cls_model_path": "net.pdmodel", "cls_params_path": "net.pdiparams"})[1].name
    'net.pdiparams'
    """
    model, params = (os.fsencode(values[key]) for key in ("cls_model_path", "cls_params_path"))
    return [Path(path) for path in _core.files_of_model(model, params)]


def model_hashes(values: Mapping[str, str]) -> dict[str, str]:
    """Give the SHA-256 of each of these files, by its name.

    >>> model_hashes({"cls_model_path": "model.fake", "cls_params_path": ""}).keys()
    dict_keys(['model.fake'])

    Raises:
        ModelError: A file can't be read any more.
    """
    try:
        return {path.name: sha256_of(path) for path in model_files(values)}
    except OSError as error:  # it was there when it was loaded
        raise _core.ModelError(f"{error.filename}: {error.strerror}") from None
