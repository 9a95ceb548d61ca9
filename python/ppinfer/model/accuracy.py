"""How the results of int8 compare with those of fp32."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ppinfer._core import ModelError
from ppinfer.agreement import Agreement, Difference, compare_results, difference, distinct_results

if TYPE_CHECKING:
    from ppinfer.predictor import Predictor


@dataclass(frozen=True)
class Accuracy:
    """Of int8 against fp32, on images that were not calibrated with."""

    agreement: Agreement
    scores: Difference
    """Of the models' logits."""
    distinct_results: int
    """How many different results fp32 gave."""
    labelled: int = 0
    """Images whose right class is known."""
    right_fp32: int = 0
    """Of the labelled images, those whose best class is the label."""
    right_int8: int = 0

    def as_dict(self) -> dict[str, float]:
        """Give the figures under the names that `--json` writes."""
        return {
            "images": self.agreement.images,
            "agreeing": self.agreement.agreeing,
            "answers": self.distinct_results,
            "largest_difference": self.scores.largest,
            "mean_difference": self.scores.mean,
            "labelled": self.labelled,
            "right_fp32": self.right_fp32,
            "right_int8": self.right_int8,
            "agreement": self.agreement.share,
        }


def accuracy(fp32: Predictor, int8: Predictor, paths: Sequence[str], labels: Mapping[str, int]) -> Accuracy:
    """Run images through both.

    Args:
        fp32: The model as it was.
        int8: The new one.
        paths: Images that none of the ranges were taken from.
        labels: The right class of images, of some or of all, by their paths as os.path.normpath gives them.

    Raises:
        ModelError: The model as it was has no result for an image.
    """
    expected = fp32.predict(list(paths))
    for result in expected:
        if result.error is not None:
            raise ModelError(
                f"the source model gives no result for {result.path}, so int8 can't be compared with it: "
                f"{result.error.message}"
            )
    op = fp32.config["postprocess"].value
    got = int8.predict(list(paths))
    before, after = fp32.logits(list(paths)), int8.logits(list(paths))
    known = [(index, labels[name]) for index, path in enumerate(paths) if (name := os.path.normpath(path)) in labels]
    if fp32.class_count == 1:  # one output: postprocess threshold names the class
        best, new_best = (
            np.array([result.class_ids[0] if result.class_ids else -1 for result in results])
            for results in (expected, got)
        )
    else:
        best, new_best = before.argmax(axis=1), after.argmax(axis=1)
    return Accuracy(
        agreement=compare_results(expected, got, postprocess=op),
        scores=difference(before, after),
        distinct_results=distinct_results(expected, op),
        labelled=len(known),
        right_fp32=sum(int(best[index]) == label for index, label in known),
        right_int8=sum(int(new_best[index]) == label for index, label in known),
    )
