"""The stages that an image goes through, what may differ there, and which config keys decide it."""

from __future__ import annotations

from dataclasses import dataclass

DECODED, RESIZED, TENSOR, LOGITS, ANSWER = STAGES = ("decoded", "resized", "tensor", "logits", "top-k")

# A difference that is first seen at a stage comes from one of its keys.
KEYS = {
    DECODED: ("decode", "exif_rotate", "max_pixels"),
    RESIZED: (
        *("crop_ratio", "resize_short_size", "resize_width", "resize_height"),
        *("interpolation", "resize_backend", "crop_size", "decode"),  # decode fast shows where it is resized
    ),
    TENSOR: ("scale", "mean", "std", "channel_order", "channel_num", "round_to_fp16"),
    LOGITS: (
        *("model_dir", "cls_model_path", "cls_params_path", "output_tensor", "engine", "precision"),
        *("use_mkldnn", "use_gpu", "use_tensorrt", "use_fp16", "batch_size"),
    ),
    ANSWER: (
        *("postprocess", "topk", "threshold", "default_label_index", "label_0", "label_1", "glasses_threshold"),
        *("hold_threshold", "color_threshold", "type_threshold", "softmax", "decimal_places"),
    ),
}


@dataclass(frozen=True)
class Tolerances:
    """The largest differences that still count as equal."""

    tensor: float = 1e-6
    logits: float = 1e-4  # that of the scores of answers, too
    pixels: float = 0  # levels of 255, after decode and after resize

    def of(self, stage: str) -> float:
        """Give that of a stage.

        >>> Tolerances().of("tensor"), Tolerances().of("decoded")
        (1e-06, 0)
        """
        return {TENSOR: self.tensor, LOGITS: self.logits, ANSWER: self.logits}.get(stage, self.pixels)


def explaining_keys(stage: str, a: dict[str, str], b: dict[str, str]) -> list[str]:
    """Name the keys of the stage whose values are not the same, with both values.

    >>> explaining_keys("resized", {"crop_size": "224", "topk": "5"}, {"crop_size": "192", "topk": "1"})
    ['crop_size 224 | 192']
    """
    return [f"{key} {a[key]} | {b[key]}" for key in KEYS[stage] if key in a and key in b and a[key] != b[key]]
