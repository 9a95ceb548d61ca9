"""Decoding each format: ppinfer against cv2 and Pillow, on one core.

    python tests/bench/decode.py [--photo PHOTO] [--seconds 1]

PHOTO (a sample photo unless given, enlarged to 1600 x 1200) is saved in each format. First the pixels are compared: the
largest difference to cv2 and to Pillow, "-" where they don't read the format. Then the three take turns. Times are CPU
time, the median of the calls.
"""

import argparse
import io
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pillow_heif
import pillow_jxl  # noqa: F401  (registers itself with Pillow)
from numpy.typing import NDArray
from PIL import Image

import ppinfer

Pixels = NDArray[np.uint8]
SIZE = (1600, 1200)
SETTINGS: dict[str, tuple[str, dict[str, object]]] = {
    "JPEG": ("JPEG", {"quality": 90}),
    "JPEG progressive": ("JPEG", {"quality": 90, "progressive": True}),
    "PNG": ("PNG", {}),
    "BMP": ("BMP", {}),
    "GIF": ("GIF", {}),
    "TIFF deflate": ("TIFF", {"compression": "tiff_adobe_deflate"}),
    "TIFF LZW": ("TIFF", {"compression": "tiff_lzw"}),
    "WebP": ("WEBP", {"quality": 85}),
    "WebP lossless": ("WEBP", {"lossless": True}),
    "AVIF": ("AVIF", {"quality": 75}),
    "HEIC": ("HEIF", {"quality": 75}),
    "JPEG XL": ("JXL", {"quality": 85}),
    "PPM": ("PPM", {}),
}


def by_cv2(content: bytes) -> Pixels | None:
    bgr = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    return None if bgr is None else bgr[:, :, ::-1]


def by_pillow(content: bytes) -> Pixels:
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


def difference(one: Pixels, other: Pixels | None) -> str:
    return "-" if other is None else str(np.abs(one.astype(int) - other).max())


def median_ms(ways: dict[str, Callable[[], object]], seconds: float) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in ways}
    end = time.monotonic() + seconds * len(ways)
    while time.monotonic() < end or min(map(len, times.values())) < 5:
        for name, way in ways.items():
            begin = time.process_time()
            way()
            times[name].append(time.process_time() - begin)
    return {name: 1e3 * statistics.median(taken) for name, taken in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photo", type=Path, default=Path("models/sample_photos/imagenet_00_243.jpg"))
    parser.add_argument("--seconds", type=float, default=1)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    pillow_heif.register_heif_opener()
    photo = Image.open(arguments.photo).convert("RGB").resize(SIZE)
    print(f"ppinfer {ppinfer.__version__}, OpenCV {cv2.__version__}, {SIZE[0]} x {SIZE[1]} pixels, CPU ms an image\n")
    print("format             ppinfer      cv2   Pillow   difference to cv2, Pillow")
    for name, (file_format, settings) in SETTINGS.items():
        file = io.BytesIO()
        photo.save(file, file_format, **settings)
        content = file.getvalue()
        got, from_cv2 = ppinfer.decode(content), by_cv2(content)
        ways: dict[str, Callable[[], object]] = {
            "ppinfer": lambda content=content: ppinfer.decode(content),
            "Pillow": lambda content=content: by_pillow(content),
        }
        if from_cv2 is not None:
            ways["cv2"] = lambda content=content: by_cv2(content)
        ms = median_ms(ways, arguments.seconds)
        cells = [f"{ms[way]:9.1f}" if way in ms else "        -" for way in ("ppinfer", "cv2", "Pillow")]
        differences = f"{difference(got, from_cv2):>8}, {difference(got, by_pillow(content))}"
        print(f"{name:17}{''.join(cells)}   {differences}", flush=True)


if __name__ == "__main__":
    main()
