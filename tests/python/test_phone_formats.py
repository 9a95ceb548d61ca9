"""ppinfer.decode of AVIF, HEIC, JPEG XL, PNM and ICO: Pillow's pixels, or the reason why not."""

import contextlib
import io
import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pillow_heif
import pillow_jxl  # noqa: F401  (registers itself with Pillow)
import pytest
from PIL import Image, ImageOps

import ppinfer
from conftest import picture
from ppinfer import BadImageError

pillow_heif.register_heif_opener()

WIDTH, HEIGHT = 64, 48
RGB = np.ascontiguousarray(picture(WIDTH, HEIGHT))
RGBA = np.dstack([RGB, RGB[:, :, :1]])
IMAGES = {
    "1": Image.fromarray(RGB).convert("1"),
    "L": Image.fromarray(np.ascontiguousarray(RGB[:, :, 0])),
    "P": Image.fromarray(RGB).quantize(100),
    "RGB": Image.fromarray(RGB),
    "RGBA": Image.fromarray(RGBA, "RGBA"),
}


def saved(mode: str, file_format: str, **settings) -> bytes:
    out = io.BytesIO()
    IMAGES[mode].save(out, file_format, **settings)
    return out.getvalue()


def by_pillow(content: bytes) -> np.ndarray:
    return np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(content))).convert("RGB"))


def reason(content: bytes, **limits: int) -> str:
    with pytest.raises(BadImageError) as caught:
        ppinfer.decode(content, **limits)
    return caught.value.message


def expect_pixels(content: bytes, tolerance: int = 0) -> None:
    got, expected = ppinfer.decode(content).astype(int), by_pillow(content).astype(int)
    assert got.shape == expected.shape
    # Releases of a codec differ in how they round, and in how they spread the colors of 2x2 pixels.
    assert np.abs(got - expected).max() <= tolerance


def turned(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif.tobytes()


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA"])
@pytest.mark.parametrize("subsampling", ["4:4:4", "4:2:0"])
def test_avif(mode: str, subsampling: str) -> None:
    expect_pixels(saved(mode, "AVIF", quality=80, subsampling=subsampling), 3)


@pytest.mark.parametrize("file_format", ["AVIF", "HEIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_boxes_turn_a_photo(file_format: str, orientation: int) -> None:
    content = saved("RGB", file_format, quality=90, exif=turned(orientation))
    expect_pixels(content, 3)
    is_turned = orientation >= 5
    assert ppinfer.decode(content).shape == ((WIDTH, HEIGHT, 3) if is_turned else (HEIGHT, WIDTH, 3))
    if file_format == "AVIF":
        assert ppinfer.decode(content, exif_rotate=False).shape == (HEIGHT, WIDTH, 3)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
@pytest.mark.parametrize("chroma", ["444", "420"])
def test_heic(mode: str, chroma: str) -> None:
    content = saved(mode, "HEIF", quality=80, chroma=chroma)
    assert content[4:8] == b"ftyp"
    expect_pixels(content, 3)


@pytest.mark.parametrize("file_format", ["AVIF", "HEIF"])
def test_colors_that_are_multiplied_by_alpha(file_format: str) -> None:
    image = Image.new("RGBA", (WIDTH, HEIGHT), (200, 100, 40, 64))
    file = io.BytesIO()
    if file_format == "AVIF":
        image.save(file, "AVIF", quality=100, subsampling="4:4:4", alpha_premultiplied=True)
    else:
        image = image.convert("RGBa")  # Pillow's name for such colors
        heif = pillow_heif.from_bytes("RGBa", image.size, image.tobytes())
        heif.save(file, quality=100, chroma=444)
    got = ppinfer.decode(file.getvalue())[0, 0].astype(int)
    assert np.abs(got - [200, 100, 40]).max() <= 8  # 8 bits a channel, times a quarter


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_jpeg_xl(mode: str) -> None:
    expect_pixels(saved(mode, "JXL", lossless=True))
    expect_pixels(saved(mode, "JXL", quality=85), 2)


@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
def test_pnm(mode: str) -> None:
    expect_pixels(saved(mode, "PPM"))


@pytest.mark.parametrize(
    "content",
    [
        b"P1 # plain\n3 2\n1 0 1\n011",
        b"P2 3 2 7\n0 1 2\n3 # a comment\n6 7",
        b"P3\n2 1\n255\n1 2 3 253 254 255",
        b"P4\n10 2\n\xaa\x40\x55\x80",
        b"P5 3 1 100\n\x00\x32\x64",
        b"P6 1 1 65535\n\x12\x34\x80\x00\xff\xfe",
        b"P6 2 1 99\n\x01\x02\x03\x61\x62\x63",
    ],
)
def test_pnm_of_each_kind(content: bytes) -> None:
    expect_pixels(content)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"P6 4 4 255\n" + bytes(47), "truncated PNM: the file ends early"),
        (b"P4 9 2\n" + bytes(3), "truncated PNM: the file ends early"),
        (b"P2 2 1 9\n1", "truncated PNM: the file ends early"),
        (b"P3 1 1 9\n1 x 2 3 4", "corrupt PNM: a letter where a number is due"),
        (b"P1 4 1\n0121", "corrupt PNM: a letter where a 0 or 1 is due"),
        (b"P5 1 2 255#c\n\x01\x02", "not an image"),
        (b"P2 3 phases of the project", "not an image"),
        (b"P1 2026 roadmap", "not an image"),
        (b"P5 1 1 0\n\x01", "corrupt PNM: its greatest value is 0"),
        (b"P5 99999999 99999999 255\n\x01", "no image is that large"),
    ],
)
def test_a_bad_pnm(content: bytes, expected: str) -> None:
    assert expected in reason(content)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA"])
@pytest.mark.parametrize("bitmap_format", ["bmp", "png"])
def test_ico(mode: str, bitmap_format: str) -> None:
    content = saved(mode, "ICO", sizes=[(16, 16), (48, 48), (32, 32)], bitmap_format=bitmap_format)
    expect_pixels(content)
    assert ppinfer.decode(content).shape == (36, 48, 3)
    expect_pixels(content[:9] + b"\xff" + content[10:])  # as some programs write the reserved byte


def test_an_ico_with_its_top_row_first() -> None:
    content = bytearray(saved("RGB", "ICO", sizes=[(48, 48)], bitmap_format="bmp"))
    (at,) = struct.unpack("<I", content[18:22])
    (height,) = struct.unpack("<i", content[at + 8 : at + 12])
    content[at + 8 : at + 12] = struct.pack("<i", -height)
    assert (ppinfer.decode(bytes(content)) == ppinfer.decode(saved("RGB", "ICO", sizes=[(48, 48)]))[::-1]).all()


CONTENTS = {
    "AVIF": saved("RGB", "AVIF"),
    "HEIC": saved("RGB", "HEIF"),
    "JPEG XL": saved("RGB", "JXL"),
    "PNM": saved("RGB", "PPM"),
    "ICO": saved("RGB", "ICO", sizes=[(48, 48)], bitmap_format="bmp"),
}


@pytest.mark.parametrize("name", CONTENTS)
def test_a_file_that_ends_early_is_an_error(name: str) -> None:
    content = CONTENTS[name]
    for end in range(24, len(content) - 1, max(1, len(content) // 50)):
        if name == "JPEG XL" and end > len(content) - 4:
            continue
        message = reason(content[:end])
        assert message.startswith((f"truncated {name}", f"corrupt {name}")), (end, message)


@pytest.mark.parametrize("name", CONTENTS)
def test_max_pixels_is_said_with_the_size(name: str) -> None:
    size = "48x36 px is 1728" if name == "ICO" else f"{WIDTH}x{HEIGHT} px is {WIDTH * HEIGHT}"
    assert reason(CONTENTS[name], max_pixels=999) == f"{size} pixels, more than max_pixels 999"


# Any answer but a crash: pixels, or an error.
@pytest.mark.parametrize("name", CONTENTS)
def test_damaged_bytes(name: str) -> None:
    random = np.random.default_rng(7)
    for _ in range(40):
        content = bytearray(CONTENTS[name])
        for at in random.integers(4, len(content), 3):
            content[at] = random.integers(0, 256)
        with contextlib.suppress(BadImageError):
            assert ppinfer.decode(bytes(content), max_pixels=10_000).ndim == 3


@pytest.mark.parametrize(
    ("name", "library", "expected"),
    [
        ("HEIC", "libheif.so.1", "HEIC needs libheif (Debian, Ubuntu: apt install libheif1): "),
        ("JPEG XL", "libjxl.so.0.7", "JPEG XL needs libjxl (Debian, Ubuntu: apt install libjxl0.11"),
    ],
)
def test_a_missing_library_is_no_fault_of_the_image(name: str, library: str, expected: str, tmp_path: Path) -> None:
    for number in range(7, 13):
        broken = tmp_path / (library if name == "HEIC" else f"libjxl.so.0.{number}")
        broken.write_text("no library")
    (tmp_path / "photo").write_bytes(CONTENTS[name])
    script = "import ppinfer, sys; ppinfer.decode(sys.argv[1])"
    environment = {**os.environ, "LD_LIBRARY_PATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", script, tmp_path / "photo"], env=environment, capture_output=True, text=True, check=False
    )
    assert "BadImageError" not in done.stderr
    assert expected in done.stderr
