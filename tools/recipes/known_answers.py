"""Does the exported model know what it should? Twenty photos through a plain pipeline of cv2, numpy and Paddle."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from recipes import sample_photos
from recipes.failure import RecipeError

MIN_RIGHT = 18  # of the 20: the other two show several things, and the network names another than the label
# File, class and score of the network's first answer.
FIRST_ANSWERS = (
    ("imagenet_00_243.jpg", 243, 0.76),
    ("imagenet_02_438.jpg", 438, 0.39),
    ("imagenet_06_609.jpg", 436, 0.27),
    ("imagenet_13_471.jpg", 471, 0.99),
    ("imagenet_17_22.jpg", 22, 0.73),
)
SCORE_TOLERANCE = 0.01  # versions of cv2 differ by a level in a few bicubic pixels; a wrong padding moves more


def check(folder: Path) -> None:
    """Throws `RecipeError` when the model in this folder answers otherwise than EfficientNet-Lite0 does."""
    photos = sample_photos.photos()
    images = [_preprocessed(data) for data in photos.values()]
    judge(dict(zip(photos, _scores(folder, images), strict=True)))


def judge(scores: Mapping[str, npt.NDArray[np.float32]]) -> None:
    """Throws `RecipeError` unless the scores (by photo, [classes]) are right; each wrong one is in the message."""
    problems = []
    right = sum(int(row.argmax()) == sample_photos.class_id_of(name) for name, row in scores.items())
    if right < MIN_RIGHT:
        problems.append(f"it names {right} of {len(scores)} photos rightly, expected {MIN_RIGHT}")
    for name, class_id, score in FIRST_ANSWERS:
        got = (int(scores[name].argmax()), float(scores[name].max()))
        if got[0] != class_id or not abs(got[1] - score) <= SCORE_TOLERANCE:
            problems.append(f"{name}: got class {got[0]} with {got[1]:.3f}, expected {class_id} with {score}")
    if problems:
        raise RecipeError("the exported model isn't the one expected:\n" + "\n".join(f"  {p}" for p in problems))


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
