"""What is compared: something that shows an image's way through its stages."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ppinfer._core import BadImageError
from ppinfer.predictor import Predictor, config_error

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ppinfer.overrides import ConfigValue
    from ppinfer.result import Result


class Side(Protocol):
    """Each method takes a path and gives what the stage makes of it; a bad image is a BadImageError."""

    name: str
    keys: dict[str, str]
    messages_by: str  # whose reasons its errors give: only those of the same author can be held against each other

    def decoded(self, path: str) -> NDArray[np.uint8]:
        """Pixels [height, width, 3], RGB."""

    def resized(self, path: str) -> NDArray[np.uint8]:
        """Pixels [height, width, 3] after resize and crop, RGB."""

    def tensor(self, path: str) -> NDArray[np.float32]:
        """The model's input [channels, height, width]."""

    def logits(self, path: str) -> NDArray[np.float32]:
        """The model's output [classes]."""

    def answer(self, path: str) -> Result | None:
        """What `predict` gives; None: this side has no postprocessing for it."""


class OwnSide:
    """A config of ppinfer's: a config.txt, an inference_cls.yaml, or a model's folder."""

    messages_by = "ppinfer"

    def __init__(self, config: str, overrides: Mapping[str, ConfigValue]) -> None:
        self.name = config
        keys: dict[str, Any] = {**overrides, "save_dir": ""}  # comparing writes nothing
        if os.path.isdir(config) and "model_dir" in keys:
            raise config_error(f"{config}: model_dir is given twice, as this folder and as a key")
        with warnings.catch_warnings():  # the caller prints the notices
            warnings.simplefilter("ignore")
            self.predictor = Predictor(config, **keys)
        self.keys = {key: value.value for key, value in self.predictor.config.items()}

    def decoded(self, path: str) -> NDArray[np.uint8]:
        """See Side."""
        return self.predictor.decode(path)

    def resized(self, path: str) -> NDArray[np.uint8]:
        """See Side."""
        return self.predictor.resize(path)

    def tensor(self, path: str) -> NDArray[np.float32]:
        """See Side."""
        return self.predictor.preprocess(path)

    def logits(self, path: str) -> NDArray[np.float32]:
        """See Side."""
        return self.predictor.logits(path)

    def answer(self, path: str) -> Result:
        """See Side."""
        result = self.predictor.predict(path)
        if result.error is not None:
            raise bad_image(result.error.message, result.error.stage, path)
        return result


def bad_image(message: str, stage: str, path: str) -> BadImageError:
    """Make the error of a bad image."""
    error = BadImageError(f"{path}: {stage}: {message}")
    error.stage, error.message, error.path, error.index = stage, message, path, None
    return error
