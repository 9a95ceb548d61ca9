"""Writes the image files that tests/cpp can't make itself, and next to each what cv2.imread makes of it (*.ppm, RGB).

Run from anywhere: python tests/golden/make_decode_golden.py. Needs numpy, opencv-python-headless and Pillow.
"""

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import PIL
from PIL import Image

FOLDER = Path(__file__).parent / "decode"
WIDTH, HEIGHT = 23, 17
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def soft_noise(channels: int) -> np.ndarray:
    coarse = np.random.default_rng(channels).integers(0, 256, (4, 5, channels), dtype=np.uint8)
    return cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC).reshape(HEIGHT, WIDTH, channels)


def png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def interlaced_png(rgb: np.ndarray) -> bytes:
    passes = [rgb[y::y_step, x::x_step] for x, y, x_step, y_step in ADAM7]
    rows = b"".join(b"\0" + row.tobytes() for part in passes if part.size for row in part)
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 1)
    chunks = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", zlib.compress(rows, 9)) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def save_all() -> None:
    rgb = Image.fromarray(soft_noise(3))
    turned = Image.Exif()
    turned[0x0112] = 6
    rgb.convert("CMYK").save(FOLDER / "cmyk.jpg", quality=90)
    Image.fromarray(soft_noise(4), "CMYK").save(FOLDER / "cmyk_all_inks.jpg", quality=90, progressive=True)
    palette = rgb.quantize(16)
    palette.save(FOLDER / "palette.png", transparency=3)
    rgb.convert("1").save(FOLDER / "one_bit.png")
    Image.fromarray(soft_noise(2), "LA").save(FOLDER / "gray_alpha.png")
    rgb.save(FOLDER / "turned.png", exif=turned)
    rgb.save(FOLDER / "turned.webp", exif=turned, quality=90)
    palette.save(FOLDER / "palette.bmp")
    palette.save(FOLDER / "palette.tiff", compression="packbits")
    rgb.save(FOLDER / "deflate.tiff", compression="tiff_adobe_deflate")
    (FOLDER / "interlaced.png").write_bytes(interlaced_png(soft_noise(3)))


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    save_all()
    for path in sorted(FOLDER.iterdir()):
        bgr = cv2.imread(str(path))
        assert bgr is not None, path
        header = b"P6\n%d %d\n255\n" % (bgr.shape[1], bgr.shape[0])
        path.with_name(path.name + ".ppm").write_bytes(header + bgr[:, :, ::-1].tobytes())
    versions = f"cv2 {cv2.__version__}\nnumpy {np.__version__}\nPillow {PIL.__version__}\n"
    (FOLDER / "versions.txt").write_text(versions)


if __name__ == "__main__":
    main()
