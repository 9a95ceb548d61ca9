"""Does the exported model know what it should? Twenty photos through a plain pipeline of cv2, numpy and Paddle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import yaml

from recipes import sample_photos
from recipes.failure import RecipeError

def check(folder: Path) -> None:
    """Throws `RecipeError` when the model in this folder answers otherwise than EfficientNet-Lite0 does."""
    photos = sample_photos.photos()
    scores = dict(zip(photos, _scores(folder, [_preprocessed(data) for data in photos.values()]), strict=True))
    right = sum(int(row.argmax()) == sample_photos.class_id_of(name) for name, row in scores.items())
    for n, row in scores.items(): print(n, row.argmax(), row.max())
    print(right)


def _preprocessed(data: bytes) -> npt.NDArray[np.float32]:
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        raise RecipeError("cv2 can't decode a photo of the check")
    height, width = image.shape[:2]
    ratio = 256 / min(height, width)
    image = cv2.resize(image, (round(width * ratio), round(height * ratio)), interpolation=cv2.INTER_CUBIC)
    top, left = (image.shape[0] - 224) // 2, (image.shape[1] - 224) // 2
    rgb = image[top : top + 224, left : left + 224, ::-1]
    return ((rgb.astype(np.float32) - 127) / 128).transpose(2, 0, 1)


def _scores(folder: Path, images: list[npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
    from paddle import inference

    program = next(path for name in ("inference.pdmodel", "inference.json") if (path := folder / name).exists())
    config = inference.Config(str(program), str(folder / "inference.pdiparams"))
    config.disable_glog_info()
    predictor = inference.create_predictor(config)
    predictor.get_input_handle("x").copy_from_cpu(np.ascontiguousarray(np.stack(images)))
    predictor.run()
    return predictor.get_output_handle(predictor.get_output_names()[0]).copy_to_cpu()
