"""The guard: nobody wants other answers sooner. How many images keep their answer, and whether that is enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ppinfer.agreement import Tolerance, compare_answers

if TYPE_CHECKING:
    from ppinfer.result import Result


@dataclass(frozen=True)
class Agreement:
    """So many images have the answer of the reference, which computes in fp32 with decode exact.

    >>> Agreement(199, 200).reaches(0.995), Agreement(198, 200).reaches(0.995)
    (True, False)
    >>> str(Agreement(199, 200))
    '199 of 200 (99.5 %)'
    """

    agreeing: int
    images: int

    def reaches(self, least_share: float) -> bool:
        """Judge by the count: of 20 images a share of 0.995 leaves room for no other answer."""
        return self.agreeing >= least_share * self.images - 1e-9  # for the last bit of 0.995 * 200

    def __str__(self) -> str:
        """Say it in words; a share is never rounded up to all.

        >>> str(Agreement(1999, 2000)), str(Agreement(99999, 100000)), str(Agreement(20, 20))
        ('1999 of 2000 (99.95 %)', '99999 of 100000 (99.99 %)', '20 of 20 (100 %)')
        """
        percent = 100 * self.agreeing / self.images
        return f"{self.agreeing} of {self.images} ({percent if percent == 100 else min(percent, 99.99):.4g} %)"


def agreement_of(postprocess: str, reference: Sequence[Result], results: Sequence[Result]) -> Agreement:
    """Count the images with the same answer: the best class, and for other postprocess ops what takes its place.

    Both are of the same images in the same order; those of the reference have no errors.

    >>> from ppinfer import Result
    >>> answers = [Result("cat.jpg", (2, 1), (0.6, 0.3)), Result("dog.jpg", (3, 1), (0.5, 0.4))]
    >>> agreement_of("topk", answers, [answers[0], Result("dog.jpg", (1, 3), (0.5, 0.3))])
    Agreement(agreeing=1, images=2)
    """
    found = compare_answers(reference, results, postprocess=postprocess, tolerance=Tolerance(0))
    return Agreement(found.images - len(found.disagreeing), found.images)
