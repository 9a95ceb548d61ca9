"""The images that tuning works on: some of the user's, spread over all of them, with the results of the reference."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ppinfer import _core
from ppinfer.image_folder import images_in_folder

if TYPE_CHECKING:
    from ppinfer.result import Result

FEWEST_IMAGES = 10
USUAL_IMAGES = 200  # as many as give an agreement of 99.5 % room for one other result
MOST_IMAGES = 2000
SEED = 20  # of the choice: the same folder gives the same images


@dataclass
class Sample:
    """Images that the reference classifies, its results, and what it can't classify."""

    images: list[str] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)  # one an image
    bad: list[Result] = field(default_factory=list)
    postprocess: str = "topk"  # that the results were made by
    notices: list[str] = field(default_factory=list)  # what loading the model has shown


def images_wanted(min_agreement: float) -> int:
    """How many images let a single other result pass.

    >>> images_wanted(0.995), images_wanted(0.999), images_wanted(1)
    (200, 1000, 200)
    """
    if min_agreement >= 1:
        return USUAL_IMAGES
    return min(MOST_IMAGES, max(USUAL_IMAGES, math.ceil(1 / (1 - min_agreement) - 1e-9)))


def chosen_paths(folder: str, count: int) -> tuple[list[str], int]:
    """Choose at most `count` images of a folder, in random order; and give the number of its images.

    Raises:
        Error: It is not a folder, or there are too few images.
    """
    paths = images_in_folder(folder)
    if len(paths) < FEWEST_IMAGES:
        raise too_few(folder, len(paths))
    return random.Random(SEED).sample(paths, min(count, len(paths))), len(paths)


def too_few(folder: str, count: int, of_those: str = "") -> _core.Error:
    """Make the error that says how many are wanted."""
    found = f"{count} image{'s' * (count != 1)}"
    return _core.Error(
        f"{folder}: {found}{of_those}, expected {FEWEST_IMAGES} at least, and better {USUAL_IMAGES}: speeds and "
        "agreement are measured on them, so use images that are typical of your data"
    )


def take_reference(
    classify: Callable[[list[str]], list[Result]], paths: list[str], time_is_up: Callable[[], bool]
) -> Sample:
    """Classify images until all are done or the time is up, but never fewer than are needed.

    >>> from ppinfer import Result
    >>> sample = take_reference(lambda paths: [Result(path, (1,), (0.5,)) for path in paths], ["a", "b"], lambda: False)
    >>> sample.images
    ['a', 'b']
    """
    sample = Sample()
    for start in range(0, len(paths), FEWEST_IMAGES):
        if len(sample.images) >= FEWEST_IMAGES and time_is_up():
            break
        for result in classify(paths[start : start + FEWEST_IMAGES]):
            if result.error is not None:
                sample.bad.append(result)
            else:
                sample.images.append(str(result.path))
                sample.results.append(result)
    return sample
