"""Do two ways through the same network give the same answers?

Note [Judging answers]: scores are compared as logarithms, so that small ones count as much as large ones, and their
differences are told in units of what is to be seen in them: how much the reference's own differ from image to image.
Random weights and trained ones can then be held to the same limits, although the scores of the former are near each
other. The best class counts as the reference's own when it is that, or one that the reference holds for as good within
the tolerance of both scores; how often it is strictly the same is told beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TOLERANCES = {"fp32": 0.05, "bf16": 0.25, "int8": 0.6}
"""Of the root mean square of differences. In fp32 it is 0.00001 where pixels are the same; the bicubic resize of pip's
OpenCV isn't OpenCV's own and has some pixels one level off, which makes 0.01. bf16 has 8 bits for each value of each
layer, int8 255 steps for all of its values, which makes 0.08 with trained weights. The answer
for another photo is 1.4 away."""
LEAST_TOP1 = 0.995
_SMALLEST_SCORE = 1e-12  # below it a softmax in float32 has little to say
_SMALLEST_SPREAD = 1e-5  # of logarithms; float32 has 1e-7


@dataclass(frozen=True)
class Agreement:
    """Of one contestant with the reference."""

    error: float
    """Root mean square of the differences of log scores, as a share of the reference's spread over the images."""
    largest_difference: float
    """Of scores, which are probabilities."""
    top1_same: float
    """Share of images with the very same best class."""
    top1_as_good: float
    """Share of images whose best class is as good to the reference, within the tolerance."""
    problem: str = ""
    """Why they don't agree; empty if they do."""


def judge(scores: NDArray[np.float32], reference: NDArray[np.float32], precision: str) -> Agreement:
    """Compare scores [images, classes] with the fp32 reference's.

    >>> reference = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1]], np.float32)
    >>> judge(reference, reference, "fp32").problem
    ''
    >>> judge(reference[::-1], reference, "fp32").problem
    'its best class is another than the reference for 100.0 % of the images'
    """
    if scores.shape != reference.shape:
        return _nothing(f"it gives {list(scores.shape)} scores, the reference {list(reference.shape)}")
    if not np.isfinite(scores).all():
        return _nothing("some of its scores are no numbers")
    ours, theirs = _logarithms(scores), _logarithms(reference)
    spread = _root_mean_square(theirs - theirs.mean(axis=0))
    if spread < _SMALLEST_SPREAD:
        return _nothing("the reference gives all images the same scores: nothing can be told from them")
    tolerance = TOLERANCES[precision]
    error = _root_mean_square(ours - theirs) / spread
    best = scores.argmax(axis=1)
    rows = np.arange(len(scores))
    as_good = theirs[rows, best] >= theirs.max(axis=1) - 2 * tolerance * spread  # one is off upwards, the other down
    top1_as_good = float(as_good.mean())
    problem = ""
    if top1_as_good < LEAST_TOP1:
        problem = f"its best class is another than the reference for {1 - top1_as_good:.1%} of the images"
    elif error > tolerance:
        problem = f"its scores are {error:.3g} of their spread away from the reference, {tolerance:g} at most"
    return Agreement(
        error=error,
        largest_difference=float(np.abs(scores - reference).max()),
        top1_same=float((best == reference.argmax(axis=1)).mean()),
        top1_as_good=top1_as_good,
        problem=problem.replace("%", " %"),
    )


def _nothing(problem: str) -> Agreement:
    return Agreement(float("inf"), float("inf"), 0.0, 0.0, problem)


def _logarithms(scores: NDArray[np.float32]) -> NDArray[np.float64]:
    values: NDArray[np.float64] = np.log(np.maximum(scores.astype(np.float64), _SMALLEST_SCORE))
    return values


def _root_mean_square(values: NDArray[np.float64]) -> float:
    return float(np.sqrt(np.mean(values**2)))
