"""PaddleClas' Python deployment as the other side: its own operators and Paddle Inference, on the same model."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from ppinfer._core import ConfigError, Error, ModelError
from ppinfer.extras import need
from ppinfer.measure.compare.sides import bad_image
from ppinfer.measure.compare.stages import DECODED, LOGITS, RESIZED, TENSOR
from ppinfer.result import Result

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_INSTALL = "pip install --no-deps paddleclas==2.6.0 six opencv-python-headless"


def deployment_module(name: str) -> ModuleType:
    """Give the module paddleclas/deploy/python/NAME.py.

    The packages around it are stood in for by empty ones of their names: their own code imports far more than these
    modules need.

    Raises:
        ModuleNotFoundError: PaddleClas, or something that the module needs, is not installed.
    """
    if "paddleclas" not in sys.modules:
        found = importlib.util.find_spec("paddleclas")
        if found is None or found.origin is None:
            raise ModuleNotFoundError("paddleclas is not installed", name="paddleclas")
        folder = Path(found.origin).parent
        for package in ("paddleclas", "paddleclas.deploy", "paddleclas.deploy.python"):
            module = ModuleType(package)
            module.__path__ = [str(folder.joinpath(*package.split(".")[1:]))]
            module.__spec__ = importlib.util.spec_from_loader(package, None, is_package=True)
            sys.modules[package] = module
    return importlib.import_module(f"paddleclas.deploy.python.{name}")


class PaddleClasSide:
    """The pipeline that a config describes, run by PaddleClas' operators and paddle.inference.

    Args:
        keys: The config's effective keys.

    Raises:
        Error: PaddleClas is not installed.
        ConfigError: The config holds what PaddleClas' deployment has no operator for.
        ModelError: The model is none of Paddle's.
    """

    messages_by = "PaddleClas"

    def __init__(self, keys: dict[str, str]) -> None:
        self.name = "PaddleClas"
        self.keys = {**keys, "engine": "paddle.inference", "precision": "fp32", "decode": "exact"}
        try:
            import cv2

            operators = deployment_module("preprocess").create_operators
            self._postprocess = deployment_module("postprocess")
        except ModuleNotFoundError as error:
            raise Error(f"the oracle paddleclas needs {error.name}: {_INSTALL}") from None
        cv2.ipp.setUseIPP(False)  # its bicubic isn't OpenCV's own
        self._cv2 = cv2
        self._own = keys
        pixels, tensor = operations_of(keys)
        self._pixel_operators: list[Callable[[Any], Any]] = operators(pixels)
        self._tensor_operators: list[Callable[[Any], Any]] = operators(tensor)
        self._run = _predictor(keys)

    def at(self, stage: str, path: str) -> Any:
        """See Side."""
        value: Any = self._decode(path)
        if stage == DECODED:
            return value
        try:
            for operator in self._pixel_operators:
                value = operator(value)
        except Exception as error:
            raise bad_image(f"{type(error).__name__}: {error}", "preprocess", path) from None
        if stage == RESIZED:
            return np.ascontiguousarray(value)
        if self._own["channel_order"] == "bgr":
            value = value[:, :, ::-1]
        for operator in self._tensor_operators:
            value = operator(value)
        tensor = np.ascontiguousarray(value, dtype=np.float32)
        if stage == TENSOR:
            return tensor
        logits = self._run(tensor)
        return logits if stage == LOGITS else self._result(path, logits)

    def _decode(self, path: str) -> NDArray[np.uint8]:
        flags = self._cv2.IMREAD_COLOR
        if self._own["exif_rotate"] != "1":
            flags |= self._cv2.IMREAD_IGNORE_ORIENTATION
        pixels = self._cv2.imread(path, flags)
        if pixels is None:
            raise bad_image("cv2.imread can't read it", "decode", path)
        return np.ascontiguousarray(pixels[:, :, ::-1])

    def _result(self, path: str, logits: NDArray[np.float32]) -> Result | None:
        if self._own["postprocess"] != "topk" or self._own["softmax"] != "off":
            return None
        topk = min(int(self._own["topk"]), len(logits))
        (record,) = self._postprocess.Topk(topk=topk)(logits[np.newaxis])
        ids = tuple(int(class_id) for class_id in record["class_ids"])
        return Result(path, ids, tuple(float(logits[class_id]) for class_id in ids))  # the record's own are rounded


def operations_of(keys: dict[str, str]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Write what the keys say as PaddleClas' operations: on the pixels, then from pixels to tensor.

    Raises:
        ConfigError: PaddleClas has no operation for a key.
    """
    for key, unset in (("crop_ratio", "0"), ("output_tensor", "")):
        if keys[key] != unset:
            raise ConfigError(f"the oracle paddleclas: its deployment lacks {key}")
    resize: dict[str, Any] = {"interpolation": keys["interpolation"], "backend": keys["resize_backend"]}
    if keys["resize_width"] != "0":
        resize["size"] = [int(keys["resize_width"]), int(keys["resize_height"])]
    else:
        resize["resize_short"] = int(keys["resize_short_size"])
    pixels: list[dict[str, Any]] = [{"ResizeImage": resize}]
    if keys["crop_size"] != "0":
        sides = [int(side) for side in keys["crop_size"].split(",")]
        pixels.append({"CropImage": {"size": [sides[0], sides[-1]]}})
    normalize = {
        "scale": float(keys["scale"]),
        "mean": [float(value) for value in keys["mean"].split(",")],
        "std": [float(value) for value in keys["std"].split(",")],
        "order": "",
        "channel_num": int(keys["channel_num"]),
        "output_fp16": keys["round_to_fp16"] == "1",
    }
    return pixels, [{"NormalizeImage": normalize}, {"ToCHWImage": None}]


def _predictor(keys: dict[str, str]) -> Callable[[NDArray[np.float32]], NDArray[np.float32]]:
    model = keys["cls_model_path"]
    if not model.endswith((".pdmodel", ".json")):
        raise ModelError(f"{model}: the oracle paddleclas reads *.pdmodel and *.json only")
    need("paddlepaddle", extra="paddle", purpose="the oracle paddleclas", module="paddle")
    from paddle import inference

    config = inference.Config(model, keys["cls_params_path"])
    config.disable_gpu()
    config.disable_glog_info()
    predictor = inference.create_predictor(config)
    source = predictor.get_input_handle(predictor.get_input_names()[0])
    (target,) = (predictor.get_output_handle(name) for name in predictor.get_output_names())

    def run(tensor: NDArray[np.float32]) -> NDArray[np.float32]:
        source.copy_from_cpu(tensor[np.newaxis])
        predictor.run()
        scores: NDArray[np.float32] = target.copy_to_cpu()[0].reshape(-1)
        return scores

    return run
