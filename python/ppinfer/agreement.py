"""Whether a predictor's answers are those of the reference: what is fast but wrong isn't timed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ppinfer.result import Result


@dataclass(frozen=True)
class Tolerance:
    """How far answers may be from those of fp32."""

    least_share: float
    """Of the images that must have the same answer."""
    scores: float | None = None
    """Largest difference of scores, for scores up to 1, else as a share of the largest; None: only answers count."""


# Fewer bits move scores, and with them the answer where two classes are close: bf16 moves 3 answers of 200 photos on
# EfficientNet-Lite0. The bounds leave room for that where there are but some tens of photos; they are to catch what is
# broken.
TOLERANCES = {
    "fp32": Tolerance(1.0, 1e-4),
    "fp16": Tolerance(0.98),
    "bf16": Tolerance(0.95),
    "int8": Tolerance(0.9),
}
FAST_DECODE = Tolerance(0.95)  # other pixels of large photos
TIE = 1e-4  # classes whose scores are this close may change places at any precision
SAME_DIRECTION = 0.99  # cosine of embeddings that stand for the same
SAME_SCORE = 0.05  # difference of scores that stand alone, and so have no best class; as a share of what is above 1


def tolerance_of(precision: str, decode: str, least_share: float | None, scores: float | None) -> Tolerance:
    """Give that of a precision and a way of decoding, or what the caller sets in its place.

    >>> tolerance_of("fp32", "exact", None, None)
    Tolerance(least_share=1.0, scores=0.0001)
    >>> tolerance_of("fp32", "fast", 0.99, None)
    Tolerance(least_share=0.99, scores=None)
    """
    tolerance = TOLERANCES[precision]
    if decode == "fast":
        tolerance = Tolerance(min(tolerance.least_share, FAST_DECODE.least_share))
    return Tolerance(
        tolerance.least_share if least_share is None else least_share, tolerance.scores if scores is None else scores
    )


@dataclass
class Agreement:
    """What the comparison came to."""

    tolerance: Tolerance
    images: int = 0
    """That were compared, of those with an answer on one side at least."""
    largest_difference: float = 0.0
    """Of scores, in the unit of `Tolerance.scores`; of images with the same answer."""
    disagreeing: dict[str, str] = field(default_factory=dict)
    """Path of each image that disagrees, and how."""
    bad: dict[str, str] = field(default_factory=dict)
    """Path of each image that has no answer to be timed, and why. Where the reference has one, it disagrees, too."""

    @property
    def share(self) -> float:
        """Of the images that agree; 1 where there are none."""
        return 1 - len(self.disagreeing) / self.images if self.images else 1.0

    @property
    def holds(self) -> bool:
        """Enough images agree."""
        return self.share >= self.tolerance.least_share


def compare_answers(
    reference: Sequence[Result], answers: Sequence[Result], *, postprocess: str, tolerance: Tolerance
) -> Agreement:
    """Compare Results of the same images, in the same order, that the same postprocess op made.

    >>> from ppinfer import Result
    >>> expected = [Result("cat.jpg", (2, 1), (0.6, 0.3)), Result("dog.jpg", (3, 1), (0.5, 0.4))]
    >>> got = [Result("cat.jpg", (2, 1), (0.7, 0.2)), Result("dog.jpg", (1, 3), (0.5, 0.4))]
    >>> found = compare_answers(expected, got, postprocess="topk", tolerance=Tolerance(0.5))
    >>> found.disagreeing, round(found.largest_difference, 9), found.holds
    ({'dog.jpg': 'class 1 (0.5000), expected 3 (0.5000)'}, 0.1, True)
    """
    found = Agreement(tolerance)
    for expected, got in zip(reference, answers, strict=True):
        path = str(expected.path)
        if got.error is not None:
            found.bad[path] = f"{got.error.stage}: {got.error.message}"
            if expected.error is not None:
                continue
        found.images += 1
        if (how := _disagreement(expected, got, postprocess)) is not None:
            found.disagreeing[path] = how
            continue
        difference = _score_difference(expected, got)
        found.largest_difference = max(found.largest_difference, difference)
        if tolerance.scores is not None and not difference <= tolerance.scores:
            found.disagreeing[path] = f"scores differ by {difference:.2g}, expected {tolerance.scores:g} at most"
    return found


def _disagreement(expected: Result, got: Result, postprocess: str) -> str | None:
    """Say how the answers differ, whatever the scores; None: they are the same."""
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
    """Give a class's score; minus infinity where the answer doesn't have it."""
    if class_id in result.class_ids:
        return result.scores[result.class_ids.index(class_id)]
    return result.scores[class_id] if not result.class_ids and 0 <= class_id < len(result.scores) else -math.inf


def _score_difference(expected: Result, got: Result) -> float:
    """Give the largest difference of scores (or of embeddings) by place, for large ones as a share of the largest.

    By place: where classes with close scores change places, each place still has nearly the same score.
    """
    wanted, seen = (np.array(result.scores or result.embedding, np.float64) for result in (expected, got))
    if not wanted.size or not seen.size:
        return 0.0
    if wanted.size != seen.size:
        return math.inf
    return float(np.abs(wanted - seen).max() / max(1.0, np.abs(wanted).max()))
