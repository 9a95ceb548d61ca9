"""How two sets of results agree, for benchmark, tune, compare, convert and quantize."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ppinfer.result import Result

TIE = 1e-4  # classes whose scores are this close may change places at any precision
SAME_DIRECTION = 0.99  # cosine of embeddings that stand for the same
SAME_SCORE = 0.05  # difference of scores that stand alone, and so have no best class; relative to scores above 1


@dataclass(frozen=True)
class Difference:
    """How far the values of two arrays are apart.

    >>> Difference(largest=0.002, mean=0.001, largest_value=20.0).relative
    0.0001
    """

    largest: float
    mean: float
    largest_value: float = 1.0
    """The largest magnitude in the first array."""
    note: str = ""
    """Why the arrays have no finite distance: other shapes, or NaN. `largest` and `mean` are infinite then."""

    @property
    def relative(self) -> float:
        """The largest difference, divided by the largest value of the first array where that exceeds 1."""
        return self.largest / max(1.0, self.largest_value) if math.isfinite(self.largest) else math.inf


def difference(a: NDArray[Any], b: NDArray[Any]) -> Difference:
    """Compare two arrays value by value. Equal infinities, and NaN in the same places, have distance 0.

    >>> difference(np.array([1.0, -4.0]), np.array([1.0, -3.0]))
    Difference(largest=1.0, mean=0.5, largest_value=4.0, note='')
    >>> difference(np.zeros(2), np.zeros(3)).note
    'shape [2] | [3]'
    """
    if a.shape != b.shape:
        return Difference(math.inf, math.inf, note=f"shape {list(a.shape)} | {list(b.shape)}")
    if not a.size or np.array_equal(a, b, equal_nan=True):
        return Difference(0.0, 0.0, float(np.abs(a).max(initial=0)))
    if np.isnan(a).any() or np.isnan(b).any():
        return Difference(math.inf, math.inf, note="not a number")
    distance = np.subtract(a, b, dtype=np.float64, out=np.zeros(a.shape), where=a != b)  # inf - inf is NaN
    np.abs(distance, out=distance)
    return Difference(float(distance.max()), float(distance.mean()), float(np.abs(a).max()))


@dataclass(frozen=True)
class Agreement:
    """Number of images whose result matches the reference.

    >>> Agreement(199, 200).reaches(0.995), Agreement(198, 200).reaches(0.995)
    (True, False)
    >>> str(Agreement(199, 200))
    '199 of 200 (99.5 %)'
    """

    agreeing: int
    images: int
    """Number of images with a result on at least one side."""
    largest_difference: float = 0.0
    """Largest relative difference of scores over the images with the same result."""
    disagreeing: dict[str, str] = field(default_factory=dict)
    """Path of each image that disagrees, and how."""
    bad: dict[str, str] = field(default_factory=dict)
    """Path of each image without a result, and why. It disagrees if the reference has a result."""

    @property
    def share(self) -> float:
        """Share of the images that agree; 1 without images."""
        return self.agreeing / self.images if self.images else 1.0

    def reaches(self, least_share: float) -> bool:
        """Compare counts: of 20 images, a share of 0.995 allows zero different results."""
        return self.agreeing >= least_share * self.images - 1e-9  # for the last bit of 0.995 * 200

    def __str__(self) -> str:
        """Give count and share; a share is never rounded up to all.

        >>> str(Agreement(1999, 2000)), str(Agreement(99999, 100000)), str(Agreement(20, 20))
        ('1999 of 2000 (99.95 %)', '99999 of 100000 (99.99 %)', '20 of 20 (100 %)')
        """
        percent = 100 * self.share
        return f"{self.agreeing} of {self.images} ({percent if percent == 100 else min(percent, 99.99):.4g} %)"


def compare_results(
    reference: Sequence[Result], results: Sequence[Result], *, postprocess: str, score_tolerance: float | None = None
) -> Agreement:
    """Compare Results of the same images, in the same order, that the same postprocess op made.

    Args:
        reference: The results that count as right.
        results: The results to compare.
        postprocess: The op of both: it decides what counts as the same result.
        score_tolerance: Largest relative difference of scores of the same result. None: scores may differ.

    >>> from ppinfer import Result
    >>> expected = [Result("cat.jpg", (2, 1), (0.6, 0.3)), Result("dog.jpg", (3, 1), (0.5, 0.4))]
    >>> got = [Result("cat.jpg", (2, 1), (0.7, 0.2)), Result("dog.jpg", (1, 3), (0.5, 0.4))]
    >>> found = compare_results(expected, got, postprocess="topk")
    >>> found.disagreeing, round(found.largest_difference, 6), found.share
    ({'dog.jpg': 'class 1 (0.5000), expected 3 (0.5000)'}, 0.1, 0.5)
    """
    images, largest = 0, 0.0
    disagreeing: dict[str, str] = {}
    bad: dict[str, str] = {}
    for expected, got in zip(reference, results, strict=True):
        path = str(expected.path)
        if got.error is not None:
            bad[path] = f"{got.error.stage}: {got.error.message}"
            if expected.error is not None:
                continue
        images += 1
        if (how := _disagreement(expected, got, postprocess)) is not None:
            disagreeing[path] = how
            continue
        apart = _score_difference(expected, got)
        largest = max(largest, apart)
        if score_tolerance is not None and not apart <= score_tolerance:
            disagreeing[path] = f"scores differ by {apart:.2g}, expected {score_tolerance:g} at most"
    return Agreement(images - len(disagreeing), images, largest, disagreeing, bad)


def distinct_results(results: Sequence[Result], postprocess: str) -> int:
    """Count the different results.

    >>> from ppinfer import Result
    >>> distinct_results([Result("a", (2, 1), (0.6, 0.3)), Result("b", (2, 3), (0.5, 0.4))], "topk")
    1
    """
    return len({_compared(result, postprocess) for result in results})


def _compared(result: Result, postprocess: str) -> tuple[object, ...]:
    if postprocess == "multilabel":
        return result.class_ids
    if result.attribute_flags or result.embedding:
        return (*result.attribute_flags, *result.embedding)
    if not result.class_ids and len(result.scores) == 1:
        return (round(result.scores[0] / SAME_SCORE),)
    return (_best(result)[0],)


def _disagreement(expected: Result, got: Result, postprocess: str) -> str | None:
    """Say how the results differ, whatever the scores; None: they are the same."""
    for ours, said in ((got, ""), (expected, "expected ")):
        if ours.error is not None:
            return f"{said}{ours.error.stage}: {ours.error.message}"
    if expected.embedding:
        if len(got.embedding) != len(expected.embedding):
            return f"an embedding of {len(got.embedding)} values, expected {len(expected.embedding)}"
        cosine = float(np.dot(expected.embedding, got.embedding))  # both are of length 1
        return None if cosine >= SAME_DIRECTION else f"an embedding with a cosine of {cosine:.3f} to the expected one"
    if postprocess == "multilabel":
        same = expected.class_ids == got.class_ids
        return None if same else f"classes {list(got.class_ids)}, expected {list(expected.class_ids)}"
    if expected.attribute_flags:
        same = expected.attribute_flags == got.attribute_flags
        return None if same else f"{', '.join(got.attributes)}, expected {', '.join(expected.attributes)}"
    if not expected.class_ids and len(expected.scores) == 1:
        same = _score_difference(expected, got) <= SAME_SCORE
        return None if same else f"score {got.scores[0]:.4f}, expected {expected.scores[0]:.4f}"
    (best, score), (expected_best, expected_score) = _best(got), _best(expected)
    if best == expected_best or _score_of(expected, best) >= expected_score - TIE * max(1.0, abs(expected_score)):
        return None
    return f"class {best} ({score:.4f}), expected {expected_best} ({expected_score:.4f})"


def _best(result: Result) -> tuple[int, float]:
    """Give the best class and its score; -1: none."""
    if result.class_ids:
        return result.class_ids[0], result.scores[0]
    if result.scores:
        best = int(np.argmax(result.scores))
        return best, result.scores[best]
    return -1, 0.0


def _score_of(result: Result, class_id: int) -> float:
    """Give a class's score; minus infinity where the result doesn't have it."""
    if class_id in result.class_ids:
        return result.scores[result.class_ids.index(class_id)]
    return result.scores[class_id] if not result.class_ids and 0 <= class_id < len(result.scores) else -math.inf


def _score_difference(expected: Result, got: Result) -> float:
    """Give the largest relative difference of scores (or of embeddings) by place.

    By place: where classes with close scores change places, each place still has nearly the same score.
    """
    wanted, seen = (np.array(result.scores or result.embedding, np.float64) for result in (expected, got))
    return difference(wanted, seen).relative if wanted.size and seen.size else 0.0
