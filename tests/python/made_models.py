"""What the tests of `convert` and `quantize` make new models of: the small networks of tests/golden."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from conftest import SCRIPTS

ROOT = Path(__file__).resolve().parents[2]
TEST_MODELS = Path(os.environ.get("PPINFER_TEST_MODELS", ROOT / "models/tests"))
needs_paddle2onnx = pytest.mark.skipif(sys.version_info >= (3, 13), reason="there is no paddle2onnx for this Python")

INFERENCE_YML = """\
Global:
  model_name: tiny
PreProcess:
  transform_ops:
  - ResizeImage: {resize_short: 36}
  - CropImage: {size: 32}
  - NormalizeImage: {scale: 1.0/255.0, mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25], order: ''}
  - ToCHWImage:
PostProcess:
  Topk:
    topk: 3
    label_list: [a, b, c, d, e, f, g, h, i, j]
"""


def model_file(name: str) -> Path:
    """One of the test models, or a skip that says how to make them."""
    path = TEST_MODELS / name
    if not path.exists():
        told = f"{path} is missing: python tests/golden/make_engine_models.py {TEST_MODELS}"
        (pytest.fail if os.environ.get("PPINFER_REQUIRE_MODELS") else pytest.skip)(told)
    return path


def model_folder(folder: Path, name: str, stem: str = "inference") -> Path:
    """A folder with this model as Paddle exports it: inference.json or inference.pdmodel, weights, inference.yml."""
    folder.mkdir(parents=True)
    source = model_file(name)
    shutil.copy(source, folder / f"{stem}{source.suffix}")
    weights = {".json": ".pdiparams", ".pdmodel": ".pdiparams", ".xml": ".bin"}.get(source.suffix)
    if weights:
        shutil.copy(source.with_suffix(weights), folder / f"{stem}{weights}")
    (folder / "inference.yml").write_text(INFERENCE_YML)
    return folder


def photos(folder: Path, count: int) -> list[str]:
    """Make pictures that differ in colour, contrast and how fine they are."""
    folder.mkdir()
    random = np.random.default_rng(3)
    paths = []
    for index in range(count):
        coarse = random.integers(0, 256, (3 + index % 5, 4, 3), np.uint8)
        colour, contrast = random.integers(0, 256, 3), random.uniform(0.2, 1)
        soft = cv2.resize(coarse, (50, 40), interpolation=cv2.INTER_CUBIC)
        paths.append(str(folder / f"{index:03}.png"))
        cv2.imwrite(paths[-1], (contrast * soft + (1 - contrast) * colour).astype(np.uint8))
    return paths


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Call `ppinfer`."""
    command = [str(SCRIPTS / "ppinfer"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def one_line(text: str) -> str:
    """A message as it was before the terminal's width broke it."""
    return " ".join(text.replace("│", " ").split())
