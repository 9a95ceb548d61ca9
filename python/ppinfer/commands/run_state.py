"""How far a run is, as numbers and in words: what the bar, the plain lines, the log and the summary have in common."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ppinfer.result import RunSummary

STAGES = ("read", "decode", "preprocess", "infer", "postprocess", "write")
RATE_SPAN_S = 20.0


def stage_shares(summary: RunSummary) -> dict[str, float]:
    """Give the share of the lanes' time that each stage took, and what they waited for input, engine or writer.

    >>> from ppinfer.result import RunSummary
    >>> stage_s = {"decode": 3.0, "infer": 2.4}
    >>> shares = stage_shares(RunSummary(images=30, errors=1, skipped=0, wall_s=3.0, lanes=2, stage_s=stage_s))
    >>> shares["decode"], shares["infer"], shares["idle"]
    (0.5, 0.4, 0.1)
    """
    lane_s = summary.lanes * summary.wall_s
    if lane_s <= 0:
        return {}
    shares = {stage: seconds / lane_s for stage, seconds in summary.stage_s.items()}
    idle = max(0.0, 1 - sum(shares.values()))
    return {**{stage: round(share, 4) for stage, share in shares.items()}, "idle": round(idle, 4)}


class Rate:
    """Images a second of the last while, and what they make of those that are left.

    >>> from ppinfer.result import RunSummary
    >>> rate = Rate()
    >>> for second in range(100):
    ...     summary = RunSummary(images=10 * second, errors=0, skipped=0, wall_s=second)
    ...     rate.add(summary)
    >>> rate.images_per_s, rate.seconds_left(summary, total=1990)
    (10.0, 100.0)
    """

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def add(self, summary: RunSummary) -> None:
        """Take note of a moment."""
        self._seen.append((summary.wall_s, summary.images))
        while len(self._seen) > 2 and self._seen[0][0] < summary.wall_s - RATE_SPAN_S:
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

    def seconds_left(self, summary: RunSummary, total: int | None) -> float | None:
        """Give the time for the rest; None: nobody knows."""
        if total is None or self.images_per_s <= 0:
            return None
        return max(0, total - summary.images_in_all) / self.images_per_s


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


def progress_words(summary: RunSummary, rate: Rate, total: int | None) -> str:
    """Say how far a run is."""
    images = f"{summary.images_in_all:,}" if total is None else f"{summary.images_in_all:,} of {total:,}"
    words = [f"{images} images", f"{rate.images_per_s:.1f} images/s", counted(summary.errors_in_all, "error")]
    left = rate.seconds_left(summary, total)
    return ", ".join(words if left is None else [*words, f"{clock(left)} left"])


def stage_words(summary: RunSummary) -> str:
    """Say where the time of the lanes goes: "decode 50 %, infer 25 %, idle 25 %"."""
    return ", ".join(f"{stage} {100 * share:.0f} %" for stage, share in stage_shares(summary).items())
