"""Which files a model is: what a resumed run, and a figure of a benchmark, must have the same."""

from pathlib import Path

import numpy as np
import pytest

from ppinfer.model_files import model_files, model_hashes

onnx = pytest.importorskip("onnx", reason="it makes the model")


def model_with_weights_beside(path: Path, weights: str, value: float) -> dict[str, str]:
    """Write an ONNX model; gives the keys that name it."""
    tensor = onnx.numpy_helper.from_array(np.full(300, value, np.float32), "w")
    x, y = (onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [300]) for name in "xy")
    graph = onnx.helper.make_graph([onnx.helper.make_node("Add", ["x", "w"], ["y"])], "g", [x], [y], [tensor])
    (path.parent / weights).unlink(missing_ok=True)
    onnx.save_model(
        onnx.helper.make_model(graph), path, save_as_external_data=True, location=weights, size_threshold=16
    )
    return {"cls_model_path": str(path), "cls_params_path": ""}


@pytest.mark.parametrize("weights", ["m.onnx.data", "m.onnx_data", "any name"])
def test_weights_beside_an_onnx_are_of_the_model(tmp_path, weights):
    keys = model_with_weights_beside(tmp_path / "m.onnx", weights, 1)
    assert model_files(keys) == [tmp_path / "m.onnx", tmp_path / weights]
    before = model_hashes(keys)
    model_with_weights_beside(tmp_path / "m.onnx", weights, 2)
    after = model_hashes(keys)
    assert before["m.onnx"] == after["m.onnx"]
    assert before[weights] != after[weights]
