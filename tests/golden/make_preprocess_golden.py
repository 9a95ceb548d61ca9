"""Writes pixels and tensors that cv2 and numpy make as PaddleClas' Python deployment does: resize the short side, crop
the centre, normalise, CHW.

Run from anywhere: python tests/golden/make_preprocess_golden.py. Needs numpy and opencv-python-headless.
"""

from pathlib import Path

import cv2
import numpy as np

FOLDER = Path(__file__).parent / "preprocess"
# name: width, height, short side, crop (px): enlarged, reduced, exactly halved
CASES = {"larger": (41, 30, 48, 40), "smaller": (97, 64, 41, 32), "half": (64, 80, 32, 32)}
INTERPOLATIONS = {"bilinear": cv2.INTER_LINEAR, "bicubic": cv2.INTER_CUBIC}
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def noisy_image(width: int, height: int) -> np.ndarray:
    rng = np.random.default_rng(width)
    coarse = rng.integers(0, 256, (height // 8, width // 8, 3), dtype=np.uint8)
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
    (FOLDER / "versions.txt").write_text(f"cv2 {cv2.__version__}\nnumpy {np.__version__}\n")


if __name__ == "__main__":
    main()
