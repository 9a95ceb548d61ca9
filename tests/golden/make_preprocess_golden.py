"""Writes pixels and tensors that cv2 and numpy make as PaddleClas' Python deployment does: resize the short side, crop
the centre, normalise, CHW. And whole images that Pillow has resized.

Run from anywhere: python tests/golden/make_preprocess_golden.py. Needs numpy, opencv-python-headless and pillow.
"""

from pathlib import Path

import cv2
import numpy as np
import PIL
from PIL import Image

FOLDER = Path(__file__).parent / "preprocess"
# name: width, height, short side, crop (px): enlarged, reduced, exactly halved
CASES = {"larger": (41, 30, 48, 40), "smaller": (97, 64, 41, 32), "half": (64, 80, 32, 32)}
INTERPOLATIONS = {"bilinear": cv2.INTER_LINEAR, "bicubic": cv2.INTER_CUBIC}
# name: from width, height, to width, height (px): enlarged, reduced, much lower (Pillow's second pass first), one side
PIL_CASES = {
    "pil_larger": (11, 8, 29, 23),
    "pil_smaller": (61, 47, 23, 17),
    "pil_lower": (13, 96, 31, 10),
    "pil_wider": (16, 9, 37, 9),
}
PIL_FILTERS = ("nearest", "box", "bilinear", "hamming", "bicubic", "lanczos")
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def noisy_image(width: int, height: int) -> np.ndarray:
    rng = np.random.default_rng(width)
    coarse = rng.integers(0, 256, (max(height // 8, 1), max(width // 8, 1), 3), dtype=np.uint8)
    soft = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR).astype(int)
    return np.clip(soft + rng.integers(-40, 40, soft.shape), 0, 255).astype(np.uint8)


def resize_and_crop(rgb: np.ndarray, short_px: int, crop_px: int, interpolation: int) -> np.ndarray:
    height, width = rgb.shape[:2]
    ratio = float(short_px) / min(width, height)
    resized = cv2.resize(rgb, (round(width * ratio), round(height * ratio)), interpolation=interpolation)
    left, top = (resized.shape[1] - crop_px) // 2, (resized.shape[0] - crop_px) // 2
    return resized[top : top + crop_px, left : left + crop_px]


def normalized_chw(rgb: np.ndarray) -> np.ndarray:
    mean = np.array(MEAN).reshape(1, 1, 3).astype("float32")
    std = np.array(STD).reshape(1, 1, 3).astype("float32")
    return ((rgb.astype("float32") * np.float32(1.0 / 255.0) - mean) / std).transpose(2, 0, 1)


def write_ppm(path: Path, rgb: np.ndarray) -> None:
    path.write_bytes(b"P6\n%d %d\n255\n" % (rgb.shape[1], rgb.shape[0]) + rgb.tobytes())


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    for name, (width, height, short_px, crop_px) in CASES.items():
        rgb = noisy_image(width, height)
        write_ppm(FOLDER / f"{name}.ppm", rgb)
        for method, interpolation in INTERPOLATIONS.items():
            pixels = resize_and_crop(rgb, short_px, crop_px, interpolation)
            write_ppm(FOLDER / f"{name}_{method}.ppm", pixels)
            (FOLDER / f"{name}_{method}.f32").write_bytes(normalized_chw(pixels).astype("<f4").tobytes())
    for name, (width, height, to_width, to_height) in PIL_CASES.items():
        rgb = noisy_image(width, height)
        write_ppm(FOLDER / f"{name}.ppm", rgb)
        for method in PIL_FILTERS:
            resized = Image.fromarray(rgb).resize((to_width, to_height), Image.Resampling[method.upper()])
            write_ppm(FOLDER / f"{name}_{method}.ppm", np.asarray(resized))
    versions = {"cv2": cv2.__version__, "numpy": np.__version__, "pillow": PIL.__version__}
    (FOLDER / "versions.txt").write_text("".join(f"{name} {version}\n" for name, version in versions.items()))


if __name__ == "__main__":
    main()
