"""How far results may differ from fp32's before a config is timed, by precision."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tolerance:
    """How far results may be from those of fp32."""

    least_share: float
    """Share of images that must have the same result."""
    scores: float | None = None
    """Largest relative difference of scores of the same result; None: scores may differ."""


# Fewer bits move scores, and with them the result where two classes are close: bf16 moves 3 results of 200 photos on
# EfficientNet-Lite0. The bounds leave room for such moves among some tens of photos, and catch what is broken.
TOLERANCES = {
    "fp32": Tolerance(1.0, 1e-4),
    "bf16": Tolerance(0.95),
    "int8": Tolerance(0.9),
}
FAST_DECODE = Tolerance(0.95)  # other pixels of large photos


def tolerance_of(precision: str, decode: str, least_share: float | None, scores: float | None) -> Tolerance:
    """Give the tolerance for a precision and a way of decoding; the caller's values win.

    >>> tolerance_of("fp32", "exact", None, None)
    Tolerance(least_share=1.0, scores=0.0001)
    >>> tolerance_of("fp32", "fast", 0.99, None)
    Tolerance(least_share=0.99, scores=None)
    """
    tolerance = TOLERANCES[precision]
    if decode == "fast":
        tolerance = Tolerance(min(tolerance.least_share, FAST_DECODE.least_share))
    return Tolerance(
        tolerance.least_share if least_share is None else least_share, tolerance.scores if scores is None else scores
    )
