"""Which files a model is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def model_files(values: Mapping[str, str]) -> list[Path]:
    """Give the model's own file and that of its weights, if it has one, by a config's values in effect.

    >>> model_files({"cls_model_path": "net.pdmodel", "cls_params_path": "net.pdiparams"})[1].name
    'net.pdiparams'
    """
    paths = [Path(values[key]) for key in ("cls_model_path", "cls_params_path") if values[key]]
    weights = paths[0].with_suffix(".bin")  # of OpenVINO's IR
    if paths[0].suffix == ".xml" and weights not in paths and weights.exists():
        paths.append(weights)
    return paths
