"""Image files to pixels, without a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ppinfer import _core
from ppinfer.inputs import Encoded, single_image

if TYPE_CHECKING:
    from numpy.typing import NDArray


def decode(image: Encoded, /, *, exif_rotate: bool = True, max_pixels: int | None = None) -> NDArray[np.uint8]:
    """Decode an image file to the pixels of a Predictor: those of `cv2.imread(path)[:, :, ::-1]`.

    AVIF, HEIC, JPEG XL, PNM and ICO have Pillow's pixels. Other threads of Python run meanwhile.

    Args:
        image: A path, the bytes of an image file, or a file opened with "rb", which is read from its position. The
            format is detected from content. An animation gives its first picture; later pictures must be present but
            are not decoded.
        exif_rotate: Rotate the image by its EXIF orientation, also WebP, which OpenCV leaves unrotated.
        max_pixels: Larger images are refused before memory is allocated. None: 89,478,485, the config key's default.

    Returns:
        uint8 [height, width, 3], RGB, contiguous, owned by the caller. Gray images have three equal channels; an alpha
        channel is left out.

    Raises:
        BadImageError: The image cannot be read or decoded; `stage` is "read" or "decode", `message` gives the reason.
        TypeError: `image` has another type, such as an array, which has decoded pixels.
        RuntimeFailure: A machine error, such as too little memory or a lost drive.
        ValueError: `max_pixels` is less than 1.

    >>> from ppinfer import BadImageError, decode
    >>> pixels = decode("cat.jpg")
    >>> pixels.shape, pixels.dtype.name
    ((40, 60, 3), 'uint8')
    >>> try:
    ...     decode(b"")
    ... except BadImageError as error:
    ...     print(error.stage, "-", error.message)
    decode - empty file
    """
    if isinstance(image, np.ndarray):
        raise TypeError("got an array, which has decoded pixels: expected a path, bytes, or a file opened with 'rb'")
    if max_pixels is not None and max_pixels < 1:
        raise ValueError(f"max_pixels is {max_pixels}: expected 1 or more")
    return _core.decode(single_image(image, "rgb"), exif_rotate, max_pixels)
