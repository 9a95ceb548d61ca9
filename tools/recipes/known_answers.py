"""Does the exported model know what it should? Twenty photos through a plain pipeline of Pillow, numpy and Paddle.

Pillow, because Paddle brings it along and its bicubic doesn't differ between machines. It smooths where it shrinks, as
the predictor's cv2 does not, so the predictor's scores are others.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from recipes import sample_photos
from recipes.failure import RecipeError

INPUT_SIDE_PX = 224
MIN_RIGHT = 18  # of the 20: the network takes the two jeeps (609) for other cars
# File, class and score of the network's first answer.
FIRST_ANSWERS = (
    ("imagenet_00_243.jpg", 243, 0.697),
    ("imagenet_02_438.jpg", 438, 0.304),
    ("imagenet_06_609.jpg", 436, 0.264),
    ("imagenet_13_471.jpg", 471, 0.991),
    ("imagenet_17_22.jpg", 22, 0.657),
)
SCORE_TOLERANCE = 0.01  # JPEG decoders may differ by a level


def check(folder: Path) -> None:
    """Throws `RecipeError` when the model in this folder answers otherwise than EfficientNet-Lite0 does."""
    photos = sample_photos.photos()
    images = [_preprocessed(data) for data in photos.values()]
    try:
        scores = _scores(folder, images)
    except Exception as error:  # Paddle's exceptions have no common type; the reason follows a code in brackets
        lines = str(error).strip().splitlines() or [type(error).__name__]
        reason = next((line for line in lines if line.startswith("(")), lines[-1])
        raise RecipeError(f"Paddle can't run the exported model: {reason}") from error
    check_scores(dict(zip(photos, scores, strict=True)))


def check_scores(scores: Mapping[str, npt.NDArray[np.float32]]) -> None:
    """Throws `RecipeError` unless the scores (by photo, [classes]) are right; each wrong one is in the message."""
    problems = []
    right = sum(int(row.argmax()) == sample_photos.class_id_of(name) for name, row in scores.items())
    if right < MIN_RIGHT:
        problems.append(f"it names {right} of {len(scores)} photos rightly, expected {MIN_RIGHT}")
    for name, class_id, score in FIRST_ANSWERS:
        got = (int(scores[name].argmax()), float(scores[name].max()))
        if got[0] != class_id or not abs(got[1] - score) <= SCORE_TOLERANCE:
            problems.append(f"{name}: got class {got[0]} with {got[1]:.3f}, expected {class_id} with {score:.3f}")
    if problems:
        raise RecipeError("the exported model isn't the one expected:\n" + "\n".join(f"  {p}" for p in problems))


def _preprocessed(data: bytes) -> npt.NDArray[np.float32]:
    image = Image.open(io.BytesIO(data)).convert("RGB")
    ratio = 256 / min(image.size)
    image = image.resize((round(image.width * ratio), round(image.height * ratio)), Image.Resampling.BICUBIC)
    left, top = (image.width - INPUT_SIDE_PX) // 2, (image.height - INPUT_SIDE_PX) // 2
    pixels = np.asarray(image.crop((left, top, left + INPUT_SIDE_PX, top + INPUT_SIDE_PX)), np.float32)
    return ((pixels - 127) / 128).transpose(2, 0, 1)


def _scores(folder: Path, images: list[npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
    from paddle import inference

    program = next(path for name in ("inference.pdmodel", "inference.json") if (path := folder / name).exists())
    config = inference.Config(str(program), str(folder / "inference.pdiparams"))
    config.disable_glog_info()
    predictor = inference.create_predictor(config)
    predictor.get_input_handle("x").copy_from_cpu(np.ascontiguousarray(np.stack(images)))
    predictor.run()
    return predictor.get_output_handle(predictor.get_output_names()[0]).copy_to_cpu()
