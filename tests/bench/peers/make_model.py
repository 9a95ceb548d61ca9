"""Make one network's folder: `python -m peers.make_model NAME FOLDER`, in the contest's environment."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Any

import numpy as np

import peers.environment  # noqa: F401  puts tools/ on the path
from peers.networks import PICTURES, build_network, normalised, save_network, seeded_pictures, static_scores
from peers.zoo import CLASSES, NETWORKS, Network
from ppinfer.models.export import MODEL_FILES, PARAMS_FILE, choose_format
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


def save(network: Network, folder: Path) -> None:
    """Write the model in Paddle's form and in ONNX, its inference.yml and labels.txt."""
    choose_format("pir")
    net = None
    if network.is_trained:
        from recipes import default_model

        default_model.make(folder / "made", "pir")
        for path in (folder / "made").iterdir():
            path.rename(folder / path.name)
        (folder / "made").rmdir()
        (folder / ".made.made_by.json").unlink()
    else:
        net = build_network(network)
        save_network(net, network.input_side_px, folder)
        labels = [f"class {class_id}" for class_id in range(CLASSES)]
        head = INFERENCE_YML.format_map(vars(network))
        (folder / "inference.yml").write_text(head + "".join(f"    - {label}\n" for label in labels))
        (folder / "labels.txt").write_text("".join(f"{i} {label}\n" for i, label in enumerate(labels)))
    keep_answers(network, net, folder)
    convert_to_onnx(folder)


def keep_answers(network: Network, net: Any | None, folder: Path) -> None:
    """Write pictures.npy, RGB, and answers.npy with the scores that Paddle gives them: float32 [pictures, classes].

    By the executor, from the saved model. As a Python object, where there is one, the network must give the same.
    """
    import paddle
    import yaml

    pictures = seeded_pictures(PICTURES, network.resize_short_px)  # as large as they would be resized to
    edge_px = (network.resize_short_px - network.input_side_px) // 2
    inside = slice(edge_px, edge_px + network.input_side_px)
    described = yaml.safe_load((folder / "inference.yml").read_text(encoding="utf-8"))
    operations = {name: keys for step in described["PreProcess"]["transform_ops"] for name, keys in step.items()}
    tensor = normalised(pictures[:, inside, inside], operations["NormalizeImage"])
    scores = static_scores(folder, tensor)
    if net is not None:
        with paddle.no_grad():
            np.testing.assert_allclose(net(paddle.to_tensor(tensor)).numpy(), scores, rtol=1e-3, atol=1e-7)
    np.save(folder / "answers.npy", scores)
    np.save(folder / "pictures.npy", pictures)


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
    make_folder(folder, network.recipe, lambda made: save(network, made))


if __name__ == "__main__":
    main()
