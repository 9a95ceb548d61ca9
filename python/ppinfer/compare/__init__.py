"""Two ways of running a classifier, held against each other stage by stage: what `ppinfer compare` does."""

from __future__ import annotations

from ppinfer.compare.differences import BadImage, Comparison, ImageDifference, StageSummary, compare, image_paths
from ppinfer.compare.page import write_page
from ppinfer.compare.sides import Answer, OwnSide, Side
from ppinfer.compare.stages import STAGES, Tolerances

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
