"""Files known again by their content."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path


def sha256_of(path: Path) -> str:
    """Hash a file, once as long as its size and time stay the same."""
    status = path.stat()
    return _sha256_of(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=64)
def _sha256_of(path: Path, size_bytes: int, modified_ns: int) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def files_of_model(values: Mapping[str, str]) -> list[Path]:
    """Give the files that a model is made of, by the config's values in effect.

    >>> [path.name for path in files_of_model({"cls_model_path": "m/a.pdmodel", "cls_params_path": "m/a.pdiparams"})]
    ['a.pdmodel', 'a.pdiparams']
    """
    paths = [Path(values[key]) for key in ("cls_model_path", "cls_params_path") if values[key]]
    weights = paths[0].with_suffix(".bin")  # of OpenVINO's IR
    if paths[0].suffix == ".xml" and weights not in paths and weights.exists():
        paths.append(weights)
    return paths
