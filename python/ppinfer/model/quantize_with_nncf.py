"""Int8 for engine openvino, by NNCF. Runs in an isolated process.

Settings other than NNCF's defaults were measured on EfficientNet-Lite0, with 100 photos for calibration and 100 others
for the test, three times:
- Batch normalisation is first folded into the convolutions, as OpenVINO's converter does. NNCF doesn't fold it, and
  then applies neither its bias correction nor int8 kernels to the next operations: 94 % agreement with fp32 and 20 %
  slower, instead of 96 %.
- The thorough bias correction instead of the fast one takes a fifth off the mean difference of scores.
- Depthwise convolutions stay in float. Each of their channels has a range of its own, but the activations that they
  read share one. That takes another sixth off the difference (and a random MobileNetV2 agrees in 80 % instead of 69 %),
  at the same speed: int8 kernels save nothing there.
- All 8 bits of the weights are used (one is otherwise kept from overflowing on CPUs without VNNI, where both engines
  refuse int8), and the ranges hold every activation seen: 98 % agreement, and another quarter off the difference.

Transformers are quantised twice, with NNCF's smoothing and without: it moves outliers of the activations into the
weights, and costs a third of the results where there are none (a random ViT: 63 % agreement, 99 % without).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ppinfer.model.paddle_pair import one_stem

_COMPARED_IMAGES = 50  # to choose the better of two models


def work(task: dict[str, Any]) -> dict[str, Any]:
    """Quantise task["model"] with the tensors of task["tensors"] (.npy) and write task["out"] (.xml)."""
    import openvino

    tensors = np.load(task["tensors"], mmap_mode="r")
    with one_stem(task["model"], task["params"]) as named:
        model = read(named)
        if any(node.get_type_name() == "FakeQuantize" for node in model.get_ops()):
            raise ValueError("the model is already quantised")
        if has_attention(model):
            candidates = [quantized(read(named), tensors, smoothing=smoothing) for smoothing in (False, True)]
            best = nearest(model, candidates, tensors[:_COMPARED_IMAGES])
        else:
            best = quantized(model, tensors, smoothing=False)
        openvino.save_model(best, task["out"], compress_to_fp16=False)
    return {}


def read(path: Path) -> Any:
    """Read a model in its simplest form, that takes single images."""
    import openvino

    model = openvino.Core().read_model(path) if path.suffix == ".xml" else openvino.convert_model(path)
    free_the_batch(model)
    return model


def quantized(model: Any, tensors: Any, *, smoothing: bool) -> Any:
    """Quantise. The model given may be changed by it."""
    import nncf
    from nncf.quantization.range_estimator import RangeEstimatorParametersSet

    advanced = nncf.AdvancedQuantizationParameters(
        overflow_fix=nncf.OverflowFix.DISABLE,
        activations_range_estimator_params=RangeEstimatorParametersSet.MINMAX,
    )
    if not smoothing:
        advanced.smooth_quant_alphas = nncf.AdvancedSmoothQuantParameters(matmul=-1, convolution=-1)
    return nncf.quantize(
        model,
        nncf.Dataset([tensors[index : index + 1] for index in range(len(tensors))]),
        preset=nncf.QuantizationPreset.MIXED,
        target_device=nncf.TargetDevice.CPU,
        subset_size=len(tensors),
        fast_bias_correction=False,
        model_type=nncf.ModelType.TRANSFORMER if has_attention(model) else None,
        ignored_scope=nncf.IgnoredScope(names=left_in_float(model), validate=False),
        advanced_parameters=advanced,
    )


def nearest(model: Any, candidates: list[Any], tensors: Any) -> Any:
    """Give the candidate whose outputs differ least in the mean from the model's."""
    expected = outputs(model, tensors)
    return min(candidates, key=lambda candidate: float(np.abs(outputs(candidate, tensors) - expected).mean()))


def outputs(model: Any, tensors: Any) -> Any:
    """Run a model in float32, image by image."""
    import openvino

    compiled = openvino.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return np.concatenate([compiled([tensors[index : index + 1]])[0] for index in range(len(tensors))])


def free_the_batch(model: Any) -> None:
    """Let a model that was exported with a fixed batch take single images."""
    shape = model.inputs[0].get_partial_shape()
    if shape.rank.is_static and shape[0].is_static:
        shape[0] = -1
        model.reshape(shape)


def has_attention(model: Any) -> bool:
    """Whether activations are multiplied by each other, which transformers do and convolutional networks don't."""
    return any(
        node.get_type_name() == "ScaledDotProductAttention"
        or (node.get_type_name() == "MatMul" and not any(_is_constant(node, port) for port in (0, 1)))
        for node in model.get_ops()
    )


def left_in_float(model: Any) -> list[str]:
    """Name the depthwise convolutions."""
    names = []
    for node in model.get_ops():
        if node.get_type_name() == "GroupConvolution":
            _groups, outputs, inputs, *_ = node.input(1).get_partial_shape()  # of its weights
            if str(outputs) == str(inputs) == "1":
                names.append(node.get_friendly_name())
    return names


def _is_constant(node: Any, port: int) -> bool:
    source = node.input_value(port).get_node()
    while source.get_type_name() in ("Convert", "Reshape", "Transpose") and source.get_input_size() > 0:
        source = source.input_value(0).get_node()
    return bool(source.get_type_name() == "Constant")
