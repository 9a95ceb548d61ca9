"""ppinfer.decode against OpenCV, and how it says that an image is bad."""

import io
import pickle
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

import ppinfer
from conftest import encoded, flat, jpeg_with_orientation, picture, png
from ppinfer import BadImageError


def saved(pixels: np.ndarray, mode: str, ending: str) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(out, ending)
    return out.getvalue()


def gray_png(bits: int, width: int = 61, height: int = 40) -> bytes:
    """Random gray of 1, 2 or 4 bits, which neither OpenCV nor Pillow writes."""
    row_bytes = (width * bits + 7) // 8
    rows = np.random.default_rng(bits).integers(0, 256, (height, row_bytes), np.uint8)
    filtered = np.insert(rows, 0, 0, axis=1).tobytes()
    header = struct.pack(">IIBBBBB", width, height, bits, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(filtered)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )


FILES = {
    "baseline": encoded(".jpg", picture(533, 401)),
    "progressive": encoded(".jpg", picture(61, 40), cv2.IMWRITE_JPEG_PROGRESSIVE, 1),
    "gray_jpeg": encoded(".jpg", picture(61, 40)[:, :, 0]),
    "png": encoded(".png", picture(61, 40)),
    "gray_png": encoded(".png", picture(61, 40)[:, :, 0]),
    **{f"gray_png_{bits}": gray_png(bits) for bits in (1, 2, 4)},
    "alpha_png": saved(picture(61, 40), "RGBA", "PNG"),
    "palette_png": saved(picture(61, 40), "P", "PNG"),
    "webp": encoded(".webp", picture(61, 40), cv2.IMWRITE_WEBP_QUALITY, 101),
    "bmp": encoded(".bmp", picture(61, 40)),
    "tiff": encoded(".tiff", picture(61, 40)),
    "one_pixel": encoded(".png", picture(1, 1)),
    **{f"exif_{orientation}": jpeg_with_orientation(orientation) for orientation in range(1, 9)},
}


def by_opencv(path: Path, flags: int = cv2.IMREAD_COLOR) -> np.ndarray:
    return cv2.imread(str(path), flags)[:, :, ::-1]


@pytest.mark.parametrize("name", FILES)
def test_decode_gives_what_opencv_gives(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(FILES[name])
    pixels = ppinfer.decode(path)
    assert (pixels.dtype, pixels.flags.c_contiguous, pixels.flags.writeable) == (np.uint8, True, True)
    np.testing.assert_array_equal(pixels, by_opencv(path))
    np.testing.assert_array_equal(
        ppinfer.decode(path, exif_rotate=False), by_opencv(path, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    )


def test_decode_takes_an_image_file_in_any_form(tmp_path):
    content = FILES["baseline"]
    path = tmp_path / "a.jpg"
    path.write_bytes(content)
    expected = by_opencv(path)
    every_other = memoryview(bytes(byte for byte in content for _ in range(2)))[::2]
    with path.open("rb") as file:
        for form in (str(path), path, content, bytearray(content), memoryview(content), every_other, file):
            np.testing.assert_array_equal(ppinfer.decode(form), expected)
        assert file.read() == b""
    np.testing.assert_array_equal(ppinfer.decode(io.BytesIO(content)), expected)


@pytest.mark.parametrize(
    ("image", "stage", "reason", "path"),
    [
        ("/no/such/file.jpg", "read", "no such file", "/no/such/file.jpg"),
        ("/", "read", "is a folder", "/"),
        (b"", "decode", "empty file", None),
        (b"text, and no image", "decode", "", None),
        (FILES["baseline"][:3000], "decode", "truncated", None),
        (None, "read", "got None", None),
    ],
)
def test_bad_image_is_an_exception_that_says_what_its_result_would(predictor, image, stage, reason, path):
    calls = [ppinfer.decode, predictor.decode, predictor.resize, predictor.preprocess, predictor.logits]
    message = predictor.predict(image).error.message.removesuffix(": use classify_folder for folders")
    for call in calls:
        with pytest.raises(BadImageError) as caught:
            call(image)
        error = caught.value
        assert isinstance(error, ppinfer.Error)
        assert (error.stage, error.message, error.path, error.index) == (stage, message, path, None)
        assert reason.lower() in error.message.lower()
        assert str(error) == ": ".join(filter(None, (path, stage, error.message)))
        again = pickle.loads(pickle.dumps(error))
        assert (str(again), again.stage, again.path) == (str(error), stage, path)


def test_file_open_for_text_is_a_type_error(predictor):
    for call in (ppinfer.decode, predictor.decode, predictor.logits, predictor.predict):
        with pytest.raises(TypeError, match="gives str, not bytes: open the file with mode 'rb'"):
            call(io.StringIO("text"))


def test_closed_file_is_a_bad_image(tmp_path):
    (tmp_path / "a.png").write_bytes(png(1))
    with (tmp_path / "a.png").open("rb") as file:
        pass
    with pytest.raises(BadImageError, match="ValueError"):
        ppinfer.decode(file)


def test_path_that_is_no_utf8_comes_back(tmp_path):
    path = tmp_path / "caf\udce9.jpg"
    with pytest.raises(BadImageError) as caught:
        ppinfer.decode(path)
    assert caught.value.path == str(path)
    assert str(path) in str(caught.value)


def test_decode_refuses_large_images_beforehand():
    with pytest.raises(BadImageError, match="pixels") as caught:
        ppinfer.decode(FILES["png"], max_pixels=61 * 40 - 1)
    assert caught.value.stage == "decode"
    assert ppinfer.decode(FILES["png"], max_pixels=61 * 40).shape == (40, 61, 3)
    with pytest.raises(ValueError, match="max_pixels is 0: expected 1 or more"):
        ppinfer.decode(FILES["png"], max_pixels=0)


@pytest.mark.parametrize("value", [3, ["a.jpg"], {"a.jpg"}, flat(1), np.stack([flat(1)])])
def test_decode_of_what_is_no_image_file(value):
    with pytest.raises(TypeError, match="expected a path"):
        ppinfer.decode(value)
