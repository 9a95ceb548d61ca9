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


def gif_codes(indices: np.ndarray) -> bytes:
    """Pixels as plain 9-bit codes with a clear before the codes grow: bulky, but any reader takes it."""
    codes = []
    for start in range(0, indices.size, 200):
        codes += [256, *indices.ravel()[start : start + 200].tolist()]
    bits = sum(code << 9 * position for position, code in enumerate([*codes, 257]))
    packed = bits.to_bytes((9 * (len(codes) + 1) + 7) // 8, "little")
    blocks = [packed[start : start + 255] for start in range(0, len(packed), 255)]
    return b"\x08" + b"".join(bytes([len(block)]) + block for block in blocks) + b"\0"


def gif_picture(x: int, y: int, indices: np.ndarray, flags: int, palette: bytes = b"") -> bytes:
    height, width = indices.shape
    if flags & 0x40:  # interlaced
        indices = np.concatenate([indices[0::8], indices[4::8], indices[2::4], indices[1::2]])
    return b"," + struct.pack("<HHHHB", x, y, width, height, flags) + palette + gif_codes(indices)


def gif(pictures: bytes, palette: bytes, background: int = 0) -> bytes:
    flags = 0x80 | (len(palette) // 3).bit_length() - 2 if palette else 0
    return b"GIF89a" + struct.pack("<HHBBB", WIDTH, HEIGHT, flags, background, 0) + palette + pictures + b";"


def save_gifs(rgb: Image.Image) -> None:
    random = np.random.default_rng(9)
    colors = random.integers(0, 256, (2, 48), dtype=np.uint8)
    full = random.integers(0, 16, (HEIGHT, WIDTH))
    part = random.integers(0, 16, (8, 11))
    transparent_5 = b"!\xf9\x04\x01\0\0\x05\0"
    files = {
        "local_interlaced": gif(gif_picture(0, 0, full, 0xC3, colors[1].tobytes()), colors[0].tobytes()),
        "part": gif(gif_picture(5, 3, part, 0), colors[0].tobytes(), background=7),
        "part_without_palette": gif(gif_picture(5, 3, part, 0), b""),
        "transparent": gif(transparent_5 + gif_picture(5, 3, part, 0), colors[0].tobytes(), background=2),
        "two_pictures": gif(gif_picture(0, 0, full, 0) + gif_picture(5, 3, part, 0), colors[0].tobytes()),
    }
    for name, content in files.items():
        (FOLDER / f"{name}.gif").write_bytes(content)
    rgb.quantize(200).save(FOLDER / "plain.gif")


def save_animated_webps() -> None:
    frames = [Image.fromarray(soft_noise(4)), *[Image.fromarray(255 - soft_noise(4))] * 2]
    frames[0].save(FOLDER / "animated.webp", save_all=True, append_images=frames[1:], lossless=True, exact=True)
    frames[0].save(FOLDER / "animated_lossy.webp", save_all=True, append_images=frames[1:], quality=80)


def masked_bmp(rgba: np.ndarray, masks: tuple[int, int, int, int]) -> bytes:
    rows = np.ascontiguousarray(rgba[::-1]).tobytes()
    info = struct.pack("<IiiHHIIiiII", 124, WIDTH, HEIGHT, 1, 32, 3, len(rows), 2835, 2835, 0, 0)
    header = (info + struct.pack("<IIII", *masks)).ljust(124, b"\0")
    return b"BM" + struct.pack("<IHHI", 138 + len(rows), 0, 0, 138) + header + rows


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
    save_gifs(rgb)
    masks = (0xFF000000, 0xFF0000, 0xFF00, 0xFF)
    (FOLDER / "masked.bmp").write_bytes(masked_bmp(soft_noise(4), masks))
    masks = (0x3FF00000, 0xFFC00, 0x3FF, 0)
    (FOLDER / "masked_ten_bits.bmp").write_bytes(masked_bmp(soft_noise(4), masks))
    save_animated_webps()
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
