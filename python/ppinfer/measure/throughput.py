"""How many images a second all lanes together classify, from files to records."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Sequence
from typing import TypeAlias

from ppinfer import _core

Rounds: TypeAlias = tuple[_core.RunSummary, list[float]]
"""A run, and how long each round of it took, in milliseconds."""
ROUNDS = 5
MOST_OF_A_ROUND = 3  # how many times as long as planned a round may take, to hold one pass through the images


class ThroughputMeter:
    """Rounds over the same images, which may be asked for one by one, with other work in between.

    Each round has the same images, in full batches, with the same number of batches for each lane. If full batches
    don't fit whole passes through the images, some images are in a round once more than others. If one pass would take
    several times the length of a round, every second image is left out, repeatedly.

    Args:
        predictor: Whose lanes run.
        paths: Image files that are known to be good; at least one.
        round_s: How long a round should take, seconds.
        warmup_s: For how long the lanes run at first, uncounted; they do it once at least.
    """

    def __init__(self, predictor: _core.Predictor, paths: Sequence[str], *, round_s: float, warmup_s: float) -> None:
        self._predictor = predictor
        self.paths = list(paths)
        batch_size = predictor.config.effective["batch_size"].value
        self._images_at_once = predictor.config.lanes * batch_size
        images_per_round = self._warm_up(warmup_s) * round_s
        while len(self.paths) > max(1, MOST_OF_A_ROUND * images_per_round):
            self.paths = self.paths[::2]
        self.round_images = round_size(images_per_round, len(self.paths), self._images_at_once)

    def measure(self) -> Rounds:
        """Run one round. Files are read, from the page cache, and records made and written to nowhere.

        Raises:
            Error: An image was bad.
            KeyboardInterrupt: Ctrl-C.
        """
        return self._run(1, self.round_images)

    def measure_rate(self) -> float:
        """Run one round, and give its images a second."""
        return self.round_images * 1e3 / self.measure()[1][0]

    def measure_each(self) -> list[float]:
        """Run one round, and give what each of its images took, in milliseconds: from the record before to its own.

        That is an image's latency. Only for one lane and batches of one.
        """
        return self._run(self.round_images, 1)[1]

    def _warm_up(self, warmup_s: float) -> float:
        """Give the images a second that it saw last."""
        start, images = time.monotonic(), self._images_at_once
        while True:
            # Of the whole run: a round of few images can end right after it began, as records come in order.
            run, _ = self._run(1, images)
            images_per_s = run.images / max(run.wall_s, 1e-9)
            left_s = warmup_s - (time.monotonic() - start)
            if left_s <= 0:
                return images_per_s
            images = self._images_at_once * max(1, int(images_per_s * min(left_s, 0.5) / self._images_at_once))

    def _run(self, rounds: int, round_images: int) -> Rounds:
        paths = paths_of_a_round(self.paths, rounds * round_images)
        measured = _core.measure_rounds(self._predictor, [os.fsencode(path) for path in paths], rounds, round_images)
        run = measured[0]
        if run.errors:
            raise _core.Error(f"{run.errors} of {run.images} images were bad while they were timed")
        return measured


def round_size(wanted: float, images: int, images_at_once: int) -> int:
    """Give how many images make a round.

    A round has full batches, with the same number for each lane: a partial batch would count its full time, but only
    some of its images. A round has about one pass through the images at least, and full passes if the round is long
    enough.

    Args:
        wanted: How many images a round should have, roughly.
        images: That a pass is of.
        images_at_once: A batch of each lane.

    >>> round_size(1000, 200, 1), round_size(100, 200, 2), round_size(1000, 200, 16), round_size(300, 200, 64)
    (1000, 200, 800, 320)
    >>> round_size(20, 45, 64)  # less than one batch of each lane is nothing that can be timed
    64
    """
    wanted = max(wanted, images)
    whole = math.lcm(images, images_at_once)
    step = whole if whole <= 1.5 * wanted else images_at_once
    return step * max(1, round(wanted / step))


def paths_of_a_round(paths: Sequence[str], count: int) -> list[str]:
    """Repeat the paths until there are `count`; the last, partial pass is evenly spaced.

    >>> paths_of_a_round(["a", "b", "c", "d"], 6)
    ['a', 'b', 'c', 'd', 'a', 'c']
    """
    passes, rest = divmod(count, len(paths))
    return [*paths] * passes + [paths[number * len(paths) // rest] for number in range(rest)]
