"""A model in another format, held against the one it was made of before it is kept: what `ppinfer convert` does."""

from __future__ import annotations

from ppinfer.convert.conversion import TOLERANCE, Conversion, convert
from ppinfer.convert.formats import TARGETS

__all__ = ["TARGETS", "TOLERANCE", "Conversion", "convert"]
