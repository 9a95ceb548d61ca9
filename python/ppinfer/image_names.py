"""Which names are those of images."""

from __future__ import annotations

IMAGE_ENDINGS = (".jpg", ".jpeg", ".jpe", ".png", ".bmp", ".webp", ".tif", ".tiff", ".gif")


def is_image_name(path: str) -> bool:
    """Tell by the name's ending, as a walk through folders does.

    >>> is_image_name("photos/cat.JPG"), is_image_name("cat.csv")
    (True, False)
    """
    return path.lower().endswith(IMAGE_ENDINGS)
