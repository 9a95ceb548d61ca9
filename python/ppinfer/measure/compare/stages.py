"""The stages that an image goes through, what may differ there, and which config keys decide it."""

from __future__ import annotations

from dataclasses import dataclass

from ppinfer.config_fields import FIELDS

DECODED, RESIZED, TENSOR, LOGITS, TOPK = STAGES = ("decoded", "resized", "tensor", "logits", "top-k")

# A difference that is first seen at a stage comes from one of its keys.
KEYS = {
    stage: [key for key, field in FIELDS.items() if field.effect == effect]
    for stage, effect in zip(STAGES, ("decoded", "resized", "tensor", "logits", "result"), strict=True)
}


@dataclass(frozen=True)
class Tolerances:
    """The largest differences that still count as equal."""

    tensor: float = 1e-6
    logits: float = 1e-4  # that of the scores of results, too
    pixels: float = 0  # levels of 255, after decode and after resize

    def of(self, stage: str) -> float:
        """Give that of a stage.

        >>> Tolerances().of("tensor"), Tolerances().of("decoded")
        (1e-06, 0)
        """
        return {TENSOR: self.tensor, LOGITS: self.logits, TOPK: self.logits}.get(stage, self.pixels)


def explaining_keys(stage: str, a: dict[str, str], b: dict[str, str]) -> list[str]:
    """Name the keys of the stage whose values are not the same, with both values.

    >>> explaining_keys("resized", {"crop_size": "224", "topk": "5"}, {"crop_size": "192", "topk": "1"})
    ['crop_size 224 | 192']
    """
    return [f"{key} {a[key]} | {b[key]}" for key in KEYS[stage] if key in a and key in b and a[key] != b[key]]
