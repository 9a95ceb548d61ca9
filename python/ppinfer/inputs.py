"""Converts the images given to Predictor and decode into the core's ImageInput."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

import numpy as np

from ppinfer._core import ImageInput

if TYPE_CHECKING:
    from numpy.typing import NDArray


class BinaryFile(Protocol):
    """What is open for reading bytes: open(path, "rb"), io.BytesIO, ..."""

    def read(self) -> bytes:
        """Give all that is left."""


Order: TypeAlias = "Literal['rgb', 'bgr']"
Encoded: TypeAlias = "str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryFile"
Image: TypeAlias = "Encoded | NDArray[np.uint8] | None"
Images: TypeAlias = "Image | Iterable[Image]"

_MAX_SIDE_PX = 2**31 - 1  # what the core counts to
_EXPECTED = "a path, the bytes of an image file, a file open for reading bytes, or a uint8 array [height, width, 3]"


def check_order(order: Order) -> None:
    """Raise ValueError for what is none."""
    if order not in ("rgb", "bgr"):
        raise ValueError(f'order is {order!r}: expected "rgb" or "bgr"')


def one_image(value: object, order: Order) -> ImageInput | None:
    """Convert a single image; None when `value` isn't one (it may hold several).

    >>> one_image("cat.jpg", "rgb") is not None
    True
    >>> one_image(["cat.jpg"], "rgb") is None
    True
    """
    if isinstance(value, (str, os.PathLike)):
        return ImageInput.from_path(os.fsencode(value))
    if isinstance(value, (bytes, bytearray)):
        return ImageInput.from_encoded(value)
    if isinstance(value, memoryview):
        return ImageInput.from_encoded(value if value.c_contiguous else value.tobytes())
    if isinstance(value, np.ndarray):
        return None if value.ndim == 4 else _from_array(value, order)
    if value is None:
        return ImageInput.unusable("got None instead of an image (cv2.imread gives None for a file it cannot read)")
    if callable(convert := getattr(value, "convert", None)):  # PIL.Image, without importing it
        return _from_pil(convert)
    if callable(read := getattr(value, "read", None)):  # iterating it would give lines
        return _from_file(value, read)
    return None


def single_image(value: object, order: Order) -> ImageInput:
    """Convert a single image.

    Raises:
        TypeError: `value` isn't one.
    """
    check_order(order)
    image = one_image(value, order)
    if image is None:
        raise TypeError(f"got {_type_name(value)} instead of one image: expected {_EXPECTED}")
    return image


def many_images(values: object, order: Order) -> Iterator[ImageInput]:
    """Convert each of several images, one at a time as the lanes ask for them.

    Raises:
        TypeError: At once if `values` is neither an image nor a collection of images; while iterating for an element
            that isn't an image.
    """
    if not isinstance(values, (Iterable, np.ndarray)) or isinstance(values, (Mapping, Set)):
        raise TypeError(f"cannot classify {_type_name(values)}: expected {_EXPECTED}, or a list or iterator of these")
    return _convert_each(values, order)


def _convert_each(values: Iterable[object], order: Order) -> Iterator[ImageInput]:
    for position, value in enumerate(values):
        image = one_image(value, order)
        if image is None and isinstance(value, np.ndarray):
            image = _from_array(value, order)
        if image is None:
            raise TypeError(f"input {position} is {_type_name(value)}: expected {_EXPECTED}")
        yield image


def _from_array(array: NDArray[Any], order: Order) -> ImageInput:
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[2] != 3 or array.size == 0:
        shape = "x".join(map(str, array.shape)) or "no dimensions"
        return ImageInput.unusable(f"got an array of {array.dtype}, {shape}: expected uint8, height x width x 3")
    if max(array.shape) > _MAX_SIDE_PX:
        return ImageInput.unusable(f"got an array of {array.shape[0]} rows and {array.shape[1]} columns: too many")
    row_bytes, pixel_bytes, channel_bytes = array.strides
    if (pixel_bytes, channel_bytes) != (3, 1) or row_bytes < 3 * array.shape[1]:
        array = np.ascontiguousarray(array)
    return ImageInput.from_pixels(array, bgr=order == "bgr")


def _from_pil(convert: Callable[[str], object]) -> ImageInput:
    try:
        return _from_array(np.asarray(convert("RGB")), "rgb")
    except Exception as error:  # PIL decodes only now: a damaged file shows here, as errors of many types
        return ImageInput.unusable(f"{type(error).__name__}: {error}")


def _from_file(file: object, read: Callable[[], object]) -> ImageInput:
    try:
        content = read()
    except (OSError, ValueError) as error:  # ValueError: closed, or text that isn't UTF-8
        return ImageInput.unusable(f"{type(error).__name__}: {error}")
    if not isinstance(content, (bytes, bytearray)):
        raise TypeError(f"{_type_name(file)} gives {type(content).__name__}, not bytes: open the file with mode 'rb'")
    return ImageInput.from_encoded(content)


def _type_name(value: object) -> str:
    name = type(value).__name__
    return f"an {name}" if name[0].lower() in "aeiou" else f"a {name}"
