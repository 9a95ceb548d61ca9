"""Paddle's model as ONNX, by paddle2onnx. Runs in an isolated process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ppinfer.model.paddle_pair import one_stem

OPSET = 17  # per-channel quantisation is in it from 13 on, HardSwish in one piece from 14 on, which OpenVINO fuses


def work(task: dict[str, Any]) -> dict[str, Any]:
    """Convert task["model"] with task["params"] to task["out"]; gives the input's shape before and after, -1: open."""
    import onnx
    import paddle2onnx

    with one_stem(task["model"], task["params"]) as named:
        shape = _input_shape(named.with_suffix(""), classic=named.suffix == ".pdmodel")
        # With another optimize_tool it installs packages while it runs. OpenVINO folds constants by itself.
        paddle2onnx.export(
            str(named),
            str(named.with_suffix(".pdiparams")),
            task["out"],
            opset_version=OPSET,
            optimize_tool="none",
            verbose=False,
        )
    value = onnx.load(task["out"]).graph.input[0].type.tensor_type
    converted = [side.dim_value if side.HasField("dim_value") else -1 for side in value.shape.dim]
    return {"input_shape": shape, "converted_shape": converted}


def _input_shape(pair: Path, *, classic: bool) -> list[int]:
    import contextlib

    import paddle

    paddle.enable_static()
    old = paddle.pir_utils.OldIrGuard() if classic else contextlib.nullcontext()
    with old, paddle.static.scope_guard(paddle.static.Scope()):  # type: ignore[attr-defined]
        executor = paddle.static.Executor(paddle.CPUPlace())
        program, names, _ = paddle.static.load_inference_model(str(pair), executor)
        if classic:
            shape = program.global_block().var(names[0]).shape
        else:
            shape = next(op.result(0).shape for op in program.global_block().ops if op.name() == "pd_op.data")
    paddle.disable_static()
    return [int(side) for side in shape]
