"""The sides of a comparison."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from ppinfer._core import BadImageError
from ppinfer.config_values import config_error
from ppinfer.measure.compare.stages import DECODED, LOGITS, RESIZED, TENSOR, TOPK
from ppinfer.predictor import Predictor

if TYPE_CHECKING:
    from ppinfer.overrides import ConfigValue


class Side(Protocol):
    """What is compared: something that shows an image at each of its stages."""

    name: str
    keys: dict[str, str]
    messages_by: str
    """Who writes the reasons of its errors: only reasons of the same author are compared."""

    def at(self, stage: str, path: str) -> Any:
        """Give an image at one of `STAGES`.

        Returns:
            Decoded or resized: RGB pixels [height, width, 3], uint8. Tensor: the model's input [channels, height,
            width], float32. Logits: the model's output [classes], float32. Top-k: a Result, or None where this side
            has no postprocessing for it.

        Raises:
            BadImageError: The image is bad.
        """


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
        self._stages: dict[str, Callable[[str], Any]] = {
            DECODED: self.predictor.decode,
            RESIZED: self.predictor.resize,
            TENSOR: self.predictor.preprocess,
            LOGITS: self.predictor.logits,
        }

    def at(self, stage: str, path: str) -> Any:
        """See Side."""
        if stage != TOPK:
            return self._stages[stage](path)
        result = self.predictor.predict(path)
        if result.error is not None:
            raise bad_image(result.error.message, result.error.stage, path)
        return result


def bad_image(message: str, stage: str, path: str) -> BadImageError:
    """Make the error of a bad image."""
    error = BadImageError(f"{path}: {stage}: {message}")
    error.stage, error.message, error.path, error.index = stage, message, path, None
    return error
