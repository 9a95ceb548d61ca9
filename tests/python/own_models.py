"""Small ONNX files as people export them: what a picture's mean colour makes of 3 classes, with ends of many kinds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="it makes the models")
helper, FLOAT = onnx.helper, onnx.TensorProto.FLOAT

BY_COLOUR = np.eye(3, dtype=np.float32) * 8  # class 0 for red, 1 for green, 2 for blue pictures
RED_OR_NOT = np.array([[8], [-8], [-8]], dtype=np.float32)
RAW_PIXELS = {"mean": "0,0,0", "std": "1,1,1", "scale": "1.0/255.0", "channel_order": "rgb"}
RESIZE = {"resize_short_size": 32, "interpolation": "bilinear", "resize_backend": "cv2"}
ALL_STATED = {**RAW_PIXELS, **RESIZE, "crop_size": 32}


def node(op: str, inputs: Sequence[str], output: str, **attributes: object) -> object:
    """Make an operation with one output."""
    domain = attributes.pop("domain", "")
    return helper.make_node(op, list(inputs), [output], domain=domain, **attributes)


def save_model(
    path: Path,
    end: Sequence[object] = (),
    outputs: Sequence[tuple[str, int, Sequence[object]]] = (("y", FLOAT, ("N", 3)),),
    *,
    weights: np.ndarray = BY_COLOUR,
    image: Sequence[object] = ("N", 3, 32, 32),
    image_type: int = FLOAT,
    start: Sequence[object] = (),
    bias: float = 0,
    external: bool = False,
) -> Path:
    """Write pool, `weights` and what `end` makes of the scores "z"; without an end the output "y" is "z"."""
    nodes = [
        *(start or [node("GlobalAveragePool", ["x"], "pooled")]),
        node("Flatten", ["pooled"], "flat"),
        node("MatMul", ["flat", "w"], "product"),
        node("Add", ["product", "b"], "z"),
        *(end or [node("Identity", ["z"], "y")]),
    ]
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", image_type, list(image))],
        [helper.make_tensor_value_info(name, kind, list(shape)) for name, kind, shape in outputs],
        [onnx.numpy_helper.from_array(weights, "w"), onnx.numpy_helper.from_array(np.float32([bias]), "b")],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.example", 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=9)
    onnx.save(model, path, save_as_external_data=external, location=f"{path.name}.data", size_threshold=0)
    return path


def one_colour(channel: int, side_px: int = 40) -> np.ndarray:
    """Make a picture that is red, green or blue all over."""
    picture = np.zeros((side_px, side_px, 3), np.uint8)
    picture[:, :, channel] = 255
    return picture
