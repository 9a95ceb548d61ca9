"""A model in int8, held against the one it was made of before it is kept: what `ppinfer quantize` does."""

from __future__ import annotations

from ppinfer.quantize.accuracy import Accuracy
from ppinfer.quantize.calibration import Split, split_images, split_of_folder
from ppinfer.quantize.labels import known_labels
from ppinfer.quantize.quantization import (
    MIN_AGREEMENT,
    Quantization,
    TooInaccurateError,
    check_format,
    needed_packages,
    quantize,
)

__all__ = [
    "MIN_AGREEMENT",
    "Accuracy",
    "Quantization",
    "Split",
    "TooInaccurateError",
    "check_format",
    "known_labels",
    "needed_packages",
    "quantize",
    "split_images",
    "split_of_folder",
]
