"""For each image the first stage at which two sides differ, and what that comes to over a folder."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ppinfer._core import BadImageError
from ppinfer.compare.stages import ANSWER, DECODED, LOGITS, RESIZED, STAGES, TENSOR, Tolerances, explaining_keys

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ppinfer.compare.sides import OwnSide, Side

# Where an image can fail -> the first stage that isn't there then.
_FAILURES = {"read": DECODED, "decode": DECODED, "preprocess": RESIZED, "infer": LOGITS, "postprocess": ANSWER}


@dataclass
class ImageDifference:
    """The first stage at which the sides differ for an image."""

    path: str
    stage: str
    largest: float | None = (
        None  # in the stage's own unit: levels, or what tensors and logits hold; None: no number says
    )
    mean: float | None = None
    note: str = ""  # why no number says it, such as different sizes


@dataclass
class StageSummary:
    """What a stage came to over all images."""

    stage: str
    compared: int = 0
    first_differences: int = 0  # images that differ here, and nowhere before
    largest: float = 0.0  # of all images compared, also those that differ before; infinite: no number says it
    worst: str | None = None
    keys: list[str] = field(default_factory=list)  # config keys that explain it: "crop_size 224 | 192"


@dataclass
class Comparison:
    """What `compare` found."""

    a: str
    b: str
    images: int = 0
    bad_alike: int = 0  # both sides refuse the image
    answers_differ: int = 0
    stages: list[StageSummary] = field(default_factory=list)
    differences: list[ImageDifference] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        """No image differs at any stage."""
        return not self.differences

    def as_dict(self) -> dict[str, Any]:
        """Give it in JSON's types: what no number says is None."""
        content = asdict(self)
        for row in (*content["stages"], *content["differences"]):
            for name in ("largest", "mean"):
                if row.get(name) is not None and not math.isfinite(row[name]):
                    row[name] = None
        return {"agrees": self.agrees, **content}


def image_paths(side: OwnSide, folder: str, limit: int | None) -> list[str]:
    """List the images of a folder as `classify` takes them.

    >>> from ppinfer.compare import OwnSide
    >>> image_paths(OwnSide("config.txt", {}), "photos", 1)
    ['photos/cat.jpg']
    """
    if not os.path.isdir(folder):
        raise NotADirectoryError(f"{folder}: not a folder")
    paths = [str(result.path) for result in side.predictor.classify_folder(folder)]
    return paths[:limit]


def compare(
    a: Side,
    b: Side,
    paths: Iterable[str],
    tolerances: Tolerances | None = None,
    on_progress: Callable[[int], object] | None = None,
) -> Comparison:
    """Take each image through both sides. Only one image is in memory at a time.

    Args:
        a: One side.
        b: The other.
        paths: Image files.
        tolerances: What still counts as equal.
        on_progress: Called with the number of images done.
    """
    found = Comparison(a.name, b.name, stages=[StageSummary(stage) for stage in STAGES])
    summaries = {summary.stage: summary for summary in found.stages}
    for path in paths:
        found.images += 1
        difference, alike = _compare_image(a, b, path, tolerances or Tolerances(), summaries, found)
        found.bad_alike += alike
        if difference is not None:
            found.differences.append(difference)
            summaries[difference.stage].first_differences += 1
        if on_progress is not None:
            on_progress(found.images)
    for summary in found.stages:
        if summary.worst is not None:
            summary.keys = explaining_keys(summary.stage, a.keys, b.keys)
    found.differences.sort(key=_severity)
    return found


def _severity(difference: ImageDifference) -> tuple[int, float]:
    return STAGES.index(difference.stage), -math.inf if difference.largest is None else -difference.largest


def _compare_image(
    a: Side, b: Side, path: str, tolerances: Tolerances, summaries: dict[str, StageSummary], found: Comparison
) -> tuple[ImageDifference | None, bool]:
    first: ImageDifference | None = None
    for stage in STAGES:
        values = [_stage_of(side, stage, path) for side in (a, b)]
        failures = [value for value in values if isinstance(value, BadImageError)]
        if failures:
            alike = len(failures) == 2 and _FAILURES[failures[0].stage] == _FAILURES[failures[1].stage]
            if not alike and first is None:
                said = [value.message if isinstance(value, BadImageError) else "fine" for value in values]
                first = ImageDifference(path, stage, note=f"{said[0]} | {said[1]}")
                summaries[stage].worst = summaries[stage].worst or path
            return first, alike and first is None
        if stage == ANSWER:
            if values[0] is not None and values[1] is not None:
                summaries[stage].compared += 1
                if values[0] != values[1]:
                    found.answers_differ += values[0][:1] != values[1][:1]
                    first = first or ImageDifference(path, stage, note=f"{_ids(values[0])} | {_ids(values[1])}")
                    summaries[stage].worst = summaries[stage].worst or path
            continue
        difference = _difference(path, stage, values[0], values[1])
        _note(summaries[stage], difference)
        beyond = difference.largest is None or not difference.largest <= tolerances.of(stage)
        if beyond and first is None:
            first = difference
    return first, False


def _stage_of(side: Side, stage: str, path: str) -> Any:
    methods = {DECODED: side.decoded, RESIZED: side.resized, TENSOR: side.tensor, LOGITS: side.logits}
    try:
        return side.answer(path) if stage == ANSWER else methods[stage](path)
    except BadImageError as error:
        return error


def _difference(path: str, stage: str, a: NDArray[Any], b: NDArray[Any]) -> ImageDifference:
    if a.shape != b.shape:
        return ImageDifference(path, stage, note=f"shape {list(a.shape)} | {list(b.shape)}")
    if np.isnan(a).any() or np.isnan(b).any():
        if np.array_equal(a, b, equal_nan=True):
            return ImageDifference(path, stage, 0.0, 0.0)
        return ImageDifference(path, stage, note="not a number")
    distance = np.abs(a.astype(np.float64) - b.astype(np.float64))
    distance[a == b] = 0  # infinities too
    return ImageDifference(
        path, stage, float(distance.max(initial=0)), float(distance.mean()) if distance.size else 0.0
    )


def _note(summary: StageSummary, difference: ImageDifference) -> None:
    summary.compared += 1
    largest = math.inf if difference.largest is None else difference.largest
    if largest > summary.largest:
        summary.largest, summary.worst = largest, difference.path


def _ids(ids: tuple[int, ...]) -> str:
    return " ".join(map(str, ids[:5])) + (" ..." if len(ids) > 5 else "")
