"""What all of the bench's processes know: the images, and where a net's files lie."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

SIDE_PX = 8
IMAGES = 3  # in batches of 2: a whole one, and a part of one
KEYS = {
    "mean": "2,2,2",
    "std": "1,1,1",
    "scale": "0.015625",
    "crop_size": SIDE_PX,
    "resize_short_size": SIDE_PX,
    "lanes": 1,
    "batch_size": 2,
    "warmup": 0,
    "postprocess": "score",
}
"""Of ppinfer: an image's tensor is then exactly its part of tensors()."""
FORMS = {"pir": ".json", "pdmodel": ".pdmodel"}


class Way(NamedTuple):
    """One way to take a net: `engine` makes its files ("make"), or runs them."""

    engine: str
    form: str
    precision: str = "fp32"

    def answers_path(self, folder: Path, net: str) -> Path:
        return folder / self.form / f"{net}.{self.engine.replace(' ', '_')}_{self.precision}.npy"


def images() -> list[np.ndarray]:
    return list(np.random.default_rng(5).integers(0, 256, (IMAGES, SIDE_PX, SIDE_PX, 3), np.uint8))


def tensors() -> np.ndarray:
    return np.ascontiguousarray(np.stack(images()).transpose(0, 3, 1, 2).astype(np.float32) / 64 - 2)


def model_path(folder: Path, form: str, net: str) -> Path:
    return folder / form / f"{net}{FORMS[form]}"
