"""Make one network's folder: `python -m peers.make_model NAME FOLDER`, in the contest's environment."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import peers.environment  # noqa: F401  puts tools/ on the path
from peers.contestants.preparation import Preparation
from peers.networks import build_network, save_network, static_scores
from peers.zoo import CLASSES, NETWORKS, PHOTOS, Network
from ppinfer.model.export import MODEL_FILES, PARAMS_FILE, choose_format
from recipes import default_model, sample_photos
from recipes.made_folder import make_folder

OPSET = 17  # from 14 on it has HardSwish in one piece, which OpenVINO runs 1.5 times as fast
INFERENCE_YML = """\
Global:
  model_name: {title}
PreProcess:
  transform_ops:
  - ResizeImage:
      resize_short: {resize_short_px}
  - CropImage:
      size: {input_side_px}
  - NormalizeImage:
      scale: 0.00392157
      mean: [0.485, 0.456, 0.406]
      std: [0.229, 0.224, 0.225]
      order: ''
      channel_num: 3
  - ToCHWImage:
PostProcess:
  Topk:
    topk: 5
    label_list:
"""


def save(network: Network, folder: Path, photos: list[str]) -> None:
    """Write the model in Paddle's form and in ONNX, its inference.yml and labels.txt, and Paddle's answers.

    answers.npy holds the scores of the photos, float32 [photos, classes], by Paddle's executor from the saved model. As
    an object of Python, where there is one, the network must give the same.
    """
    choose_format("pir")
    import paddle

    if network.is_trained:
        _make_trained(folder)
        tensor = _prepared(folder, photos)
        scores = static_scores(folder, tensor)
    else:
        _describe(network, folder)
        tensor = _prepared(folder, photos)
        net = build_network(network, tensor)
        save_network(net, network.input_side_px, folder)
        scores = static_scores(folder, tensor)
        with paddle.no_grad():
            np.testing.assert_allclose(net(paddle.to_tensor(tensor)).numpy(), scores, rtol=1e-3, atol=1e-7)
    np.save(folder / "answers.npy", scores)
    convert_to_onnx(folder)


def _make_trained(folder: Path) -> None:
    default_model.make(folder / "made", "pir")
    for path in (folder / "made").iterdir():
        path.rename(folder / path.name)
    (folder / "made").rmdir()
    (folder / ".made.made_by.json").unlink()


def _describe(network: Network, folder: Path) -> None:
    labels = [f"class {class_id}" for class_id in range(CLASSES)]
    head = INFERENCE_YML.format_map(vars(network))
    (folder / "inference.yml").write_text(head + "".join(f"    - {label}\n" for label in labels))
    (folder / "labels.txt").write_text("".join(f"{i} {label}\n" for i, label in enumerate(labels)))


def _prepared(folder: Path, photos: list[str]) -> NDArray[np.float32]:
    import cv2

    cv2.ipp.setUseIPP(False)  # its bicubic isn't OpenCV's own
    prepare = Preparation(folder)
    return np.concatenate([prepare(path) for path in photos])


def convert_to_onnx(folder: Path) -> None:
    """Write model.onnx beside inference.json."""
    import onnx
    import paddle2onnx

    from peers.onnx_folding import fold_constants

    model, path = folder / MODEL_FILES["pir"], folder / "model.onnx"
    # Without the optimiser that it would take: engines optimise by themselves.
    paddle2onnx.export(str(model), str(folder / PARAMS_FILE), str(path), opset_version=OPSET, optimize_tool="None")
    if not path.is_file():  # it logs what went wrong, and returns
        raise RuntimeError("paddle2onnx wrote nothing")
    converted = onnx.load(path)
    fold_constants(converted)
    onnx.save(converted, path)


def main() -> None:
    logging.disable(logging.WARNING)
    network, folder = NETWORKS[sys.argv[1]], Path(sys.argv[2])
    sample_photos.fetch(PHOTOS)
    photos = [str(path) for path in sorted(PHOTOS.iterdir())]
    make_folder(folder, network.recipe, lambda made: save(network, made, photos))


if __name__ == "__main__":
    main()
