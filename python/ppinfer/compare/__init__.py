"""Two ways of running a classifier, held against each other stage by stage: what `ppinfer compare` does."""

from __future__ import annotations

from ppinfer.compare.differences import Comparison, ImageDifference, StageSummary, compare, image_paths
from ppinfer.compare.page import write_page
from ppinfer.compare.sides import OwnSide, Side
from ppinfer.compare.stages import STAGES, Tolerances

__all__ = [
    "STAGES",
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
