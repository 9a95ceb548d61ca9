"""For each image the first stage at which two sides differ, and what that comes to over a folder."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ppinfer._core import BadImageError
from ppinfer.agreement import difference
from ppinfer.measure.compare.stages import DECODED, LOGITS, RESIZED, STAGES, TOPK, Tolerances, explaining_keys

if TYPE_CHECKING:
    from ppinfer.measure.compare.sides import Side
    from ppinfer.result import Result

# Where an image can fail -> the first stage that isn't there then.
_FAILURES = {"read": DECODED, "decode": DECODED, "preprocess": RESIZED, "infer": LOGITS, "postprocess": TOPK}


@dataclass
class ImageDifference:
    """A stage at which the sides differ for an image."""

    path: str
    stage: str
    largest: float | None = None  # in the stage's unit: levels of 255, or what tensors, logits and scores hold
    mean: float | None = None
    note: str = ""  # what no number says, such as different sizes: largest and mean are None then


@dataclass
class BadImage:
    """An image that both sides refuse for the same reason."""

    path: str
    stage: str
    reason: str


@dataclass
class StageSummary:
    """What a stage came to over all images."""

    stage: str
    compared: int = 0
    first_differences: int = 0  # images that differ here, and nowhere before
    largest: float = 0.0  # of all images, also those that differ before; infinite: no number says it
    worst: str | None = None
    note: str = ""  # of the worst image, instead of a number
    keys: list[str] = field(default_factory=list)  # config keys that explain it: "crop_size 224 | 192"

    def note_image(self, difference: ImageDifference) -> None:
        """Keep it if it is the worst so far."""
        largest = math.inf if difference.largest is None else difference.largest
        if largest > self.largest:
            self.largest, self.worst, self.note = largest, difference.path, difference.note


@dataclass
class Comparison:
    """What `compare` found."""

    a: str
    b: str
    images: int = 0
    results_differ: int = 0  # images whose top-1 differs
    stages: list[StageSummary] = field(default_factory=list)
    differences: list[ImageDifference] = field(default_factory=list)
    bad: list[BadImage] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        """No image differs at any stage."""
        return not self.differences

    @property
    def verdict(self) -> str:
        """Say in a sentence what was found.

        >>> Comparison("a", "b", images=3).verdict
        'all 3 images agree at every stage'
        """
        bad = f", {len(self.bad)} of them bad on both sides" if self.bad else ""
        if self.agrees:
            return f"all {self.images} images agree at every stage{bad}"
        first = next(stage for stage in self.stages if stage.first_differences)
        reason = f" ({'; '.join(first.keys)})" if first.keys else ""
        return (
            f"{len(self.differences)} of {self.images} images differ{bad}, first at: {first.stage}{reason}; "
            f"top-1 differs for {self.results_differ}"
        )

    def as_dict(self) -> dict[str, Any]:
        """Give it in JSON's types: what no number says is None."""
        content = asdict(self)
        for row in (*content["stages"], *content["differences"]):
            for name in ("largest", "mean"):
                if row.get(name) is not None and not math.isfinite(row[name]):
                    row[name] = None
        return {"agrees": self.agrees, **content}


def compare(
    a: Side,
    b: Side,
    paths: Sequence[str],
    tolerances: Tolerances | None = None,
    on_step: Callable[[str], object] = lambda step: None,
) -> Comparison:
    """Take each image through both sides. Only one image is in memory at a time.

    Args:
        a: One side.
        b: The other.
        paths: Image files.
        tolerances: What still counts as equal.
        on_step: Called with the number of images done, as text.
    """
    found = Comparison(a.name, b.name, stages=[StageSummary(stage) for stage in STAGES])
    for path in paths:
        found.images += 1
        difference = _compare_image(a, b, path, tolerances or Tolerances(), found)
        if difference is not None:
            found.differences.append(difference)
            found.stages[STAGES.index(difference.stage)].first_differences += 1
        on_step(f"{found.images} of {len(paths)} images")
    for summary in found.stages:
        if summary.worst is not None:
            summary.keys = explaining_keys(summary.stage, a.keys, b.keys)
    found.differences.sort(key=_severity)
    return found


def _severity(difference: ImageDifference) -> tuple[int, float]:
    return STAGES.index(difference.stage), -math.inf if difference.largest is None else -difference.largest


def _compare_image(a: Side, b: Side, path: str, tolerances: Tolerances, found: Comparison) -> ImageDifference | None:
    """Give the first difference; note it and all that follow in the summaries."""
    first: ImageDifference | None = None
    for stage, summary in zip(STAGES, found.stages, strict=True):
        ours, theirs = _stage_of(a, stage, path), _stage_of(b, stage, path)
        if isinstance(ours, BadImageError) or isinstance(theirs, BadImageError):
            refused = _refusal(stage, path, ours, theirs, a.messages_by == b.messages_by)
            if isinstance(refused, ImageDifference):
                summary.note_image(refused)
                return first or refused
            if first is None:
                found.bad.append(refused)
            return first
        if ours is None or theirs is None:
            continue
        summary.compared += 1
        difference = _difference(path, stage, ours, theirs)
        summary.note_image(difference)
        if stage == TOPK:
            found.results_differ += ours.class_ids[:1] != theirs.class_ids[:1]
        if difference.largest is None or not difference.largest <= tolerances.of(stage):
            first = first or difference
    return first


def _stage_of(side: Side, stage: str, path: str) -> Any:
    try:
        return side.at(stage, path)
    except BadImageError as error:
        return error


def _refusal(stage: str, path: str, ours: Any, theirs: Any, same_words: bool) -> ImageDifference | BadImage:
    """Tell whether both sides refuse the image, for the same reason as far as their words can be compared."""
    if isinstance(ours, BadImageError) and isinstance(theirs, BadImageError):
        places = [_FAILURES[ours.stage], _FAILURES[theirs.stage]]
        if places[0] == places[1] and (ours.message == theirs.message or not same_words):
            return BadImage(path, stage, ours.message)
    said = [value.message if isinstance(value, BadImageError) else "fine" for value in (ours, theirs)]
    return ImageDifference(path, stage, note=f"{said[0]} | {said[1]}")


def _difference(path: str, stage: str, ours: Any, theirs: Any) -> ImageDifference:
    if stage == TOPK:
        said = _without_scores(ours), _without_scores(theirs)
        if said[0] != said[1]:
            return ImageDifference(path, stage, note=f"{in_words(ours)} | {in_words(theirs)}")
        ours, theirs = (np.array(result.scores or result.embedding) for result in (ours, theirs))
    found = difference(ours, theirs)
    if found.note:
        return ImageDifference(path, stage, note=found.note)
    return ImageDifference(path, stage, found.largest, found.mean)


def _without_scores(result: Result) -> tuple[object, ...]:
    return result.class_ids, result.attributes, result.attribute_flags


def in_words(result: Result) -> str:
    """Give the ids, or the attributes and their flags, for a note on a difference.

    >>> from ppinfer import Result
    >>> in_words(Result("cat.jpg", (281, 282), (0.5, 0.25)))
    '281 282'
    >>> in_words(Result("cat.jpg", attributes=("Male", "Hat: False"), attribute_flags=(0, 1, 1)))
    'Male, Hat: False (011)'
    """
    if result.attribute_flags:
        return f"{', '.join(result.attributes)} ({''.join(map(str, result.attribute_flags))})"
    return " ".join(map(str, result.class_ids[:5])) + (" ..." if len(result.class_ids) > 5 else "")
