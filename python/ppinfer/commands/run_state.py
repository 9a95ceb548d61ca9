"""How far a run is, as numbers and in words: what the bar, the plain lines, the log and the summary have in common."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

STAGES = ("read", "decode", "preprocess", "infer", "postprocess", "write")
RATE_SPAN_S = 20.0


@dataclass(frozen=True)
class RunState:
    """The totals of a moment.

    >>> stage_s = {"decode": 3.0, "infer": 2.4}
    >>> state = RunState(images=30, errors=1, done_before=70, wall_s=3.0, lanes=2, stage_s=stage_s)
    >>> state.all_images, state.images_per_s, state.shares()
    (100, 10.0, {'decode': 0.5, 'infer': 0.4, 'idle': 0.1})
    """

    images: int = 0
    """Of this run; bad ones among them."""
    errors: int = 0
    """Of all images, those of the run before among them."""
    done_before: int = 0
    """Images whose records a stopped run left."""
    skipped: int = 0
    wall_s: float = 0.0
    lanes: int = 0
    stage_s: Mapping[str, float] = field(default_factory=dict)
    """Seconds a stage, summed over the lanes."""

    @property
    def all_images(self) -> int:
        """Images that have a record."""
        return self.done_before + self.images

    @property
    def images_per_s(self) -> float:
        """Mean of this run; 0 before its first image."""
        return self.images / self.wall_s if self.wall_s > 0 else 0.0

    def shares(self) -> dict[str, float]:
        """Give the share of the lanes' time that each stage took, and what they waited for input, engine or writer."""
        lane_s = self.lanes * self.wall_s
        if lane_s <= 0:
            return {}
        shares = {stage: seconds / lane_s for stage, seconds in self.stage_s.items()}
        return {**{stage: round(share, 4) for stage, share in shares.items()}, "idle": _rest_of(shares)}


def _rest_of(shares: Mapping[str, float]) -> float:
    return round(max(0.0, 1 - sum(shares.values())), 4)


class Rate:
    """Images a second of the last while, and what they make of those that are left.

    >>> rate = Rate()
    >>> for second in range(100):
    ...     rate.add(RunState(images=10 * second, wall_s=second))
    >>> rate.images_per_s, rate.seconds_left(RunState(images=990), total=1990)
    (10.0, 100.0)
    """

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def add(self, state: RunState) -> None:
        """Take note of a moment."""
        self._seen.append((state.wall_s, state.images))
        while len(self._seen) > 2 and self._seen[0][0] < state.wall_s - RATE_SPAN_S:
            self._seen.popleft()

    @property
    def images_per_s(self) -> float:
        """0 before there is anything to tell by."""
        if not self._seen:
            return 0.0
        (start_s, before), (end_s, now) = self._seen[0], self._seen[-1]
        if end_s <= start_s:
            return now / end_s if end_s > 0 else 0.0
        return (now - before) / (end_s - start_s)

    def seconds_left(self, state: RunState, total: int | None) -> float | None:
        """Give the time for the rest; None: nobody knows."""
        if total is None or self.images_per_s <= 0:
            return None
        return max(0, total - state.all_images) / self.images_per_s


def counted(count: int, noun: str) -> str:
    """Give a number with its noun.

    >>> counted(1, "image"), counted(20000, "image")
    ('1 image', '20,000 images')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def clock(seconds: float) -> str:
    """Give a time as people write it.

    >>> clock(7.4), clock(187), clock(3 * 3600 + 62)
    ('0:07', '3:07', '3:01:02')
    """
    minutes, second = divmod(round(seconds), 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour}:{minute:02}:{second:02}" if hour else f"{minute}:{second:02}"


def progress_words(state: RunState, rate: Rate, total: int | None) -> str:
    """Say how far a run is."""
    images = f"{state.all_images:,}" if total is None else f"{state.all_images:,} of {total:,}"
    words = [f"{images} images", f"{rate.images_per_s:.1f} images/s", counted(state.errors, "error")]
    left = rate.seconds_left(state, total)
    return ", ".join(words if left is None else [*words, f"{clock(left)} left"])


def stage_words(state: RunState) -> str:
    """Say where the time of the lanes goes.

    >>> stage_words(RunState(images=9, wall_s=1.0, lanes=1, stage_s={"decode": 0.5, "infer": 0.25}))
    'decode 50 %, infer 25 %, idle 25 %'
    """
    return ", ".join(f"{stage} {100 * share:.0f} %" for stage, share in state.shares().items())
