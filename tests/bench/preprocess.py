"""Pixels to tensor: ppinfer against cv2 and numpy, and against Pillow and numpy, as PaddleClas' deployment does it.

    python tests/bench/preprocess.py [--model models/efficientnet_lite0] [--seconds 3]

resize_short 256, crop 224, ImageNet's mean and std, of arrays of 500 x 375 and 4000 x 3000 pixels, on one core. First
the tensors are compared (the same within 1e-6, or no times are given); then the ways take turns. Times are the median
of a way's calls; ppinfer's include what its Python call costs.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

import ppinfer

SIZES = ((500, 375), (4000, 3000))
CV2 = {"bilinear": cv2.INTER_LINEAR, "bicubic": cv2.INTER_CUBIC, "area": cv2.INTER_AREA, "lanczos": cv2.INTER_LANCZOS4}
PIL = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC, "lanczos": Image.Resampling.LANCZOS}
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
STD = np.array([0.229, 0.224, 0.225], np.float32)

Pixels = NDArray[np.uint8]
Tensor = NDArray[np.float32]


def with_numpy(pixels: Pixels, resize: Callable[[Pixels, tuple[int, int]], Pixels]) -> Tensor:
    height, width = pixels.shape[:2]
    ratio = 256 / min(width, height)
    resized = resize(pixels, (round(width * ratio), round(height * ratio)))
    top, left = (resized.shape[0] - 224) // 2, (resized.shape[1] - 224) // 2
    cropped = resized[top : top + 224, left : left + 224]
    normalized = (cropped.astype(np.float32) * np.float32(1 / 255) - MEAN) / STD
    return np.ascontiguousarray(normalized.transpose(2, 0, 1))


def judge(backend: str, name: str) -> Callable[[Pixels], Tensor]:
    if backend == "cv2":
        return lambda pixels: with_numpy(pixels, lambda p, size: cv2.resize(p, size, interpolation=CV2[name]))
    return lambda pixels: with_numpy(pixels, lambda p, size: np.asarray(Image.fromarray(p).resize(size, PIL[name])))


def milliseconds(way: Callable[[Pixels], Tensor], pixels: Pixels) -> float:
    start = time.perf_counter()
    way(pixels)
    return 1000 * (time.perf_counter() - start)


def compare(
    ours: Callable[[Pixels], Tensor], theirs: Callable[[Pixels], Tensor], size: tuple[int, int], seconds: float
):
    pixels = np.random.default_rng(1).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    difference = np.abs(ours(pixels) - theirs(pixels)).max()
    if not difference <= 1e-6:
        sys.exit(f"the tensors differ by {difference}: no times are given")
    times: tuple[list[float], list[float]] = ([], [])
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times[0]) < 5:
        for way, spent in zip((ours, theirs), times, strict=True):
            spent.append(milliseconds(way, pixels))
    return [statistics.median(spent) for spent in times]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="models/efficientnet_lite0", help="one of 224 x 224; it isn't run")
    parser.add_argument("--seconds", type=float, default=3, help="for each row")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    cv2.ipp.setUseIPP(False)  # its bicubic isn't OpenCV's own
    print(f"ppinfer {ppinfer.__version__}, OpenCV {cv2.__version__}, Pillow {Image.__version__}; ms an image\n")
    print("method         image        ppinfer    judge    ratio")
    keys = {"model_dir": arguments.model, "lanes": 1, "resize_short_size": 256, "crop_size": 224}
    keys |= {"scale": "1.0/255.0", "mean": "0.485,0.456,0.406", "std": "0.229,0.224,0.225", "channel_order": "rgb"}
    for backend, name in [*(("cv2", name) for name in CV2), *(("pil", name) for name in PIL)]:
        with ppinfer.Predictor(**keys, resize_backend=backend, interpolation=name) as predictor:
            for size in SIZES:
                ours, theirs = compare(predictor.preprocess, judge(backend, name), size, arguments.seconds)
                image = f"{size[0]} x {size[1]}"
                print(f"{backend} {name:9}  {image:11}  {ours:7.2f}  {theirs:7.2f}  {theirs / ours:6.1f}x")


if __name__ == "__main__":
    main()
