"""What int8 did to the answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ppinfer.making.agreement import difference

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ppinfer.predictor import Predictor
    from ppinfer.result import Result

SAME_DIRECTION = 0.99
_DECIDED_LATER = ("threshold", "multilabel", "person_attribute", "vehicle_attribute")


@dataclass(frozen=True)
class Accuracy:
    """Of int8 against fp32, on images that were not calibrated with.

    >>> Accuracy(images=100, agreeing=97, answers=60, largest_difference=0.1, mean_difference=1e-4).agreement
    0.97
    """

    images: int
    agreeing: int  # whose answer is the same
    answers: int  # how many different ones fp32 gave
    largest_difference: float  # of scores
    mean_difference: float
    labelled: int = 0
    right_fp32: int = 0  # of the labelled ones, whose best class is the label
    right_int8: int = 0

    @property
    def agreement(self) -> float:
        """Share of the images whose answer is the same."""
        return self.agreeing / self.images


def accuracy(fp32: Predictor, int8: Predictor, paths: Sequence[str], labels: Mapping[str, int]) -> Accuracy:
    """Run images through both.

    An image's answer is its best class; with `postprocess` threshold, multilabel and attributes what these give. Two
    embeddings are the same answer when the cosine of the angle between them is 0.99 or more.

    Args:
        fp32: The model as it was.
        int8: The new one.
        paths: Images that none of the ranges were taken from.
        labels: The right class of images, of some or of all.
    """
    before, after = fp32.logits(list(paths)), int8.logits(list(paths))
    if fp32.config["postprocess"].value == "embedding":
        same = [bool(cosine >= SAME_DIRECTION) for cosine in _cosines(before, after)]
        answers = len(paths)
    else:
        old, new = answers_of(fp32, before, paths), answers_of(int8, after, paths)
        same = [a == b for a, b in zip(old, new, strict=True)]
        answers = len(set(old))
    best, new_best = before.argmax(axis=1), after.argmax(axis=1)
    known = [(index, labels[path]) for index, path in enumerate(paths) if path in labels]
    apart = difference(before, after)
    return Accuracy(
        images=len(paths),
        agreeing=sum(same),
        answers=answers,
        largest_difference=apart.largest,
        mean_difference=apart.mean,
        labelled=len(known),
        right_fp32=sum(int(best[index]) == label for index, label in known),
        right_int8=sum(int(new_best[index]) == label for index, label in known),
    )


def answers_of(predictor: Predictor, scores: NDArray[np.float32], paths: Sequence[str]) -> list[tuple[int, ...]]:
    """Give what must stay the same of each image."""
    if predictor.config["postprocess"].value in _DECIDED_LATER:
        return [_decision(result) for result in predictor.predict(list(paths))]
    finite = np.asarray(np.isfinite(scores).all(axis=1))
    return [(int(row.argmax()),) if good else (-1,) for row, good in zip(scores, finite, strict=True)]


def _decision(result: Result) -> tuple[int, ...]:
    return (*result.class_ids, -1, *result.attribute_flags)


def _cosines(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float64]:
    lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    cosines: NDArray[np.float64] = (a * b).sum(axis=1) / np.maximum(lengths, np.finfo(np.float32).tiny)
    return cosines
