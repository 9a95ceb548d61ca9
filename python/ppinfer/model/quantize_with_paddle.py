"""Int8 for engine paddle, by Paddle's static quantisation. Runs in an isolated process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ppinfer.model.export import choose_format, forget_call_stacks
from ppinfer.model.paddle_pair import one_stem

# What oneDNN has int8 kernels for and quantisation pays for.
_QUANTIZED = ["conv2d", "depthwise_conv2d", "mul", "matmul", "matmul_v2"]
_BATCH = 10


def work(task: dict[str, Any]) -> dict[str, Any]:
    """Quantise task["model"], whose weights are task["params"], with the tensors of task["tensors"] to task["out"]."""
    choose_format("classic")  # Paddle can't quantise PIR this way
    import paddle
    from paddle.static import quantization as tool

    tensors = np.load(task["tensors"], mmap_mode="r")
    out = Path(task["out"])
    paddle.enable_static()
    scope = paddle.static.Scope()  # type: ignore[attr-defined]
    with one_stem(task["model"], task["params"]) as named, paddle.static.scope_guard(scope):
        executor = paddle.static.Executor(paddle.CPUPlace())
        program, (name, *_), _ = paddle.static.load_inference_model(str(named.with_suffix("")), executor)
        if any("quantize" in operator.type for operator in program.global_block().ops):
            raise ValueError("the model is already quantised")
        batch = _BATCH if program.global_block().var(name).shape[0] < 0 else 1

        def batches() -> Iterator[dict[str, Any]]:
            for start in range(0, len(tensors), batch):
                yield {name: np.ascontiguousarray(tensors[start : start + batch])}

        # `hist` clips one activation in 100,000. KL lost a quarter of EfficientNet-Lite0's results and took eight times
        # as long; `avg` and `mse` gave the same agreement as `hist`.
        make: Any = tool.PostTrainingQuantization  # type: ignore[attr-defined]
        quantization = make(
            executor=executor,
            model_dir=str(named.parent),
            model_filename=named.name,
            params_filename=named.with_suffix(".pdiparams").name,
            data_loader=batches,
            batch_nums=-(-len(tensors) // batch),
            algo="hist",
            quantizable_op_type=_QUANTIZED,
            onnx_format=True,  # weights are int8 in the file, too
        )
        quantization.quantize()
        quantization.save_quantized_model(str(out.parent), out.name, f"{out.stem}.pdiparams")
    forget_call_stacks(out)
    return {}
