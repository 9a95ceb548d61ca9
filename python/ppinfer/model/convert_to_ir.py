"""Any model that engine openvino reads as OpenVINO's own IR. Runs in an isolated process."""

from __future__ import annotations

from typing import Any

from ppinfer._core import write_pir_as_ir
from ppinfer.model.paddle_pair import one_stem


def work(task: dict[str, Any]) -> dict[str, Any]:
    """Convert task["model"] to task["out"]; gives the shapes of the model's input before and after, -1: open."""
    import openvino

    if task["model"].endswith(".json"):  # OpenVINO itself doesn't read it
        shape = write_pir_as_ir(task["model"], task["params"], task["out"])
        return {
            "input_shape": shape,
            "converted_shape": _input_shape(openvino.Core().read_model(task["out"])),
        }
    with one_stem(task["model"], task["params"]) as named:
        shapes = [_input_shape(openvino.Core().read_model(named))]
        model = openvino.convert_model(named)
        openvino.save_model(model, task["out"], compress_to_fp16=False)
    shapes.append(_input_shape(model))
    return {"input_shape": shapes[0], "converted_shape": shapes[1]}


def _input_shape(model: Any) -> list[int]:
    shape = model.inputs[0].get_partial_shape()
    return [side.get_length() if side.is_static else -1 for side in shape] if shape.rank.is_static else []
