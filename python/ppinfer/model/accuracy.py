"""What int8 did to the answers."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ppinfer._core import ModelError
from ppinfer.agreement import SAME_SCORE, Tolerance, compare_answers
from ppinfer.model.agreement import difference

if TYPE_CHECKING:
    from ppinfer.predictor import Predictor
    from ppinfer.result import Result


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

    What counts as the same answer is what `ppinfer benchmark` takes for it (compare_answers).

    Args:
        fp32: The model as it was.
        int8: The new one.
        paths: Images that none of the ranges were taken from.
        labels: The right class of images, of some or of all, by their paths as os.path.normpath gives them.

    Raises:
        ModelError: The model as it was has no answer for an image.
    """
    expected = fp32.predict(list(paths))
    for result in expected:
        if result.error is not None:
            raise ModelError(
                f"the model as it is has no answer for {result.path}, so that there is nothing to hold int8 against: "
                f"{result.error.message}"
            )
    op = fp32.config["postprocess"].value
    answers = int8.predict(list(paths))
    compared = compare_answers(expected, answers, postprocess=op, tolerance=Tolerance(0))
    before, after = fp32.logits(list(paths)), int8.logits(list(paths))
    apart = difference(before, after)
    known = [(index, labels[name]) for index, path in enumerate(paths) if (name := os.path.normpath(path)) in labels]
    if fp32.class_count == 1:  # one output: postprocess threshold names the class
        best, new_best = (
            np.array([result.class_ids[0] if result.class_ids else -1 for result in results])
            for results in (expected, answers)
        )
    else:
        best, new_best = before.argmax(axis=1), after.argmax(axis=1)
    return Accuracy(
        images=len(paths),
        agreeing=len(paths) - len(compared.disagreeing),
        answers=len({_decision(result, op) for result in expected}),
        largest_difference=apart.largest,
        mean_difference=apart.mean,
        labelled=len(known),
        right_fp32=sum(int(best[index]) == label for index, label in known),
        right_int8=sum(int(new_best[index]) == label for index, label in known),
    )


def _decision(result: Result, postprocess: str) -> tuple[object, ...]:
    """Give what tells one answer from another."""
    if postprocess == "multilabel":
        return result.class_ids
    if result.attribute_flags or result.embedding:
        return (*result.attribute_flags, *result.embedding)
    if result.class_ids or len(result.scores) != 1:
        return result.class_ids[:1] or (int(np.argmax(result.scores)),)
    return (round(result.scores[0] / SAME_SCORE),)
