"""From a photo's file to the model's tensor with OpenCV and numpy, as a careful person would write it by hand.

Shared by the pipelines of OpenVINO and ONNX Runtime. One photo takes one thread; OpenCV and numpy let go of the
interpreter's lock where it counts, so two threads do two photos at a time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import yaml
from numpy.typing import NDArray

Tensor = NDArray[np.float32]

_INTERPOLATION = {"bilinear": cv2.INTER_LINEAR, "bicubic": cv2.INTER_CUBIC}


class Preparation:
    """What a model's inference.yml says of its input: resize the shorter side, crop, normalise."""

    def __init__(self, model: Path) -> None:
        cv2.setNumThreads(1)
        described = yaml.safe_load((model / "inference.yml").read_text(encoding="utf-8"))
        operations = {name: keys for step in described["PreProcess"]["transform_ops"] for name, keys in step.items()}
        resize, normalize = operations["ResizeImage"], operations["NormalizeImage"]
        self._short_px = resize["resize_short"]
        self._interpolation = _INTERPOLATION[resize.get("interpolation", "bilinear")]
        self.side_px: int = operations["CropImage"]["size"]
        # (pixel * scale - mean) / std in one multiplication and one addition, for each of the planes R, G, B
        std = np.array(normalize["std"], np.float64).reshape(3, 1, 1)
        self._factor = (normalize["scale"] / std).astype(np.float32)
        self._offset = (-np.array(normalize["mean"], np.float64).reshape(3, 1, 1) / std).astype(np.float32)

    def __call__(self, path: str) -> Tensor:
        """Give float32 [1, 3, side, side]."""
        bgr = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
        height, width = bgr.shape[:2]
        ratio = self._short_px / min(height, width)
        bgr = cv2.resize(bgr, (round(width * ratio), round(height * ratio)), interpolation=self._interpolation)
        top, left = (bgr.shape[0] - self.side_px) // 2, (bgr.shape[1] - self.side_px) // 2
        planes = bgr[top : top + self.side_px, left : left + self.side_px].transpose(2, 0, 1)[::-1]
        tensor = np.empty((1, 3, self.side_px, self.side_px), np.float32)
        np.multiply(planes, self._factor, out=tensor[0])
        tensor[0] += self._offset
        return tensor


def ahead(pool: ThreadPoolExecutor, prepare: Preparation, paths: Iterable[str], most: int) -> Iterator[Tensor]:
    """Tensors in the order of the paths, prepared by the pool's threads; `most` of them wait at a time."""
    waiting: deque[Future[Tensor]] = deque()
    for path in paths:
        waiting.append(pool.submit(prepare, path))
        if len(waiting) == most:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def best_five(scores: Tensor) -> tuple[NDArray[np.intp], Tensor]:
    """Class ids and scores of one image, best first."""
    ids = np.argpartition(scores, -5)[-5:]
    ids = ids[np.argsort(-scores[ids])]
    return ids, scores[ids]
