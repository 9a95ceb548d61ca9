"""Make one network's folder: `python -m peers.make_model NAME FOLDER`, in the contest's environment."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import peers.environment  # noqa: F401  puts tools/ on the path
from peers.zoo import CLASSES, NETWORKS, Network
from ppinfer.models.export import MODEL_FILES, PARAMS_FILE, choose_format
from recipes.made_folder import make_folder

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
    if network.is_trained:
        from recipes import default_model

        default_model.make(folder / "made", "pir")
        for path in (folder / "made").iterdir():
            path.rename(folder / path.name)
        (folder / "made").rmdir()
        (folder / ".made.made_by.json").unlink()
    else:
        from peers.networks import build_network, save_network

        save_network(build_network(network), network.input_side_px, folder)
        labels = [f"class {class_id}" for class_id in range(CLASSES)]
        head = INFERENCE_YML.format_map(vars(network))
        (folder / "inference.yml").write_text(head + "".join(f"    - {label}\n" for label in labels))
        (folder / "labels.txt").write_text("".join(f"{i} {label}\n" for i, label in enumerate(labels)))
    convert_to_onnx(folder)


def convert_to_onnx(folder: Path) -> None:
    """Write model.onnx beside inference.json."""
    import paddle2onnx

    model, onnx = folder / MODEL_FILES["pir"], folder / "model.onnx"
    # Without its own optimiser, which needs a package that isn't in the index; engines optimise by themselves.
    paddle2onnx.export(str(model), str(folder / PARAMS_FILE), str(onnx), opset_version=13, optimize_tool="None")
    if not onnx.is_file():  # it logs what went wrong, and returns
        raise RuntimeError("paddle2onnx wrote nothing")


def main() -> None:
    logging.disable(logging.WARNING)
    network, folder = NETWORKS[sys.argv[1]], Path(sys.argv[2])
    make_folder(folder, network.recipe, lambda made: save(network, made))


if __name__ == "__main__":
    main()
