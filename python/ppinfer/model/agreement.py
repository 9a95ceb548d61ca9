"""Whether two models give the same scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ppinfer.predictor import Predictor

BATCH_SIZES = (1, 3)  # and with these many images each ends in a part of a batch
_RANDOM_IMAGES = 8


def random_images(side_px: int = 64) -> list[NDArray[np.uint8]]:
    """Make seeded pictures [side, side, 3] that differ in colours, in contrast and in how fine they are.

    >>> [image.shape for image in random_images(16)][:2]
    [(16, 16, 3), (16, 16, 3)]
    """
    random = np.random.default_rng(20)
    images = []
    for index in range(_RANDOM_IMAGES):
        cell_px = 2 ** (index % 4)
        cells = random.integers(0, 256, (-(-side_px // cell_px), -(-side_px // cell_px), 3))
        fine = cells.repeat(cell_px, axis=0).repeat(cell_px, axis=1)[:side_px, :side_px]
        colour, contrast = random.integers(0, 256, 3), random.uniform(0.2, 1)
        images.append((contrast * fine + (1 - contrast) * colour).astype(np.uint8))
    return images


@dataclass(frozen=True)
class Difference:
    """How far two models' scores are apart.

    >>> Difference(largest=0.002, mean=0.001, largest_score=20.0).share
    0.0001
    """

    largest: float
    mean: float
    largest_score: float  # the largest magnitude of the first one's

    @property
    def share(self) -> float:
        """The largest difference as a share of the largest score, or of 1 where that is smaller."""
        return self.largest / max(1.0, self.largest_score)


_NONSENSE = Difference(float("inf"), float("inf"), 1.0)


def difference(a: NDArray[np.float32], b: NDArray[np.float32]) -> Difference:
    """Hold scores [images, classes] against each other. A value that is no number agrees with nothing."""
    if a.shape != b.shape:
        return _NONSENSE
    apart = np.abs(a.astype(np.float64) - b)
    if not np.isfinite(apart).all():
        return _NONSENSE
    return Difference(float(apart.max()), float(apart.mean()), float(np.abs(a).max()))


def scores(predictor: Predictor, images: Sequence[str | NDArray[np.uint8]]) -> NDArray[np.float32]:
    """Run images through a model: [images, classes]."""
    return predictor.logits(list(images))
