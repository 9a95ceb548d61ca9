"""Two ways of running a classifier, held against each other stage by stage: what `ppinfer compare` does."""

from __future__ import annotations

from ppinfer.measure.compare.differences import (
    BadImage,
    Comparison,
    ImageDifference,
    StageSummary,
    compare,
    image_paths,
)
from ppinfer.measure.compare.page import write_page
from ppinfer.measure.compare.sides import Answer, OwnSide, Side
from ppinfer.measure.compare.stages import STAGES, Tolerances

__all__ = [
    "STAGES",
    "Answer",
    "BadImage",
    "Comparison",
    "ImageDifference",
    "OwnSide",
    "Side",
    "StageSummary",
    "Tolerances",
    "compare",
    "image_paths",
    "write_page",
]
