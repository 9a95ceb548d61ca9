"""What `ppinfer convert` and `ppinfer quantize` share: a model folder that is made of another model."""

from __future__ import annotations
