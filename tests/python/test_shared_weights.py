"""Operations of engine openvino that share weights and read them in different orders: each has its own values.

OpenVINO packs weights once for all readers, which is wrong where they read them otherwise (seen with AVX-512).
"""

from pathlib import Path

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as ops

from ppinfer import Predictor

SIDE_PX, FEATURES = 4, 8
RANDOM = np.random.default_rng(0)
WEIGHTS = RANDOM.standard_normal((FEATURES, FEATURES)).astype(np.float32)
FIRST = RANDOM.standard_normal((3 * SIDE_PX * SIDE_PX, FEATURES)).astype(np.float32) / 10
IMAGE = RANDOM.integers(0, 256, (SIDE_PX, SIDE_PX, 3), dtype=np.uint8)
AS_THEY_ARE = {
    **{"resize_short_size": SIDE_PX, "crop_size": SIDE_PX, "scale": "1/255", "mean": "0,0,0", "std": "1,1,1"},
    **{"softmax": "off", "engine": "openvino", "precision": "fp32"},
}


def readers(form: str) -> tuple[ov.Node, ov.Node, bool, np.ndarray]:
    """Give W as two operations read it, whether the second transposes it itself, and W's values."""
    half = WEIGHTS.astype(np.float16)
    few_levels = (WEIGHTS * 30).astype(np.int8)
    if form == "plain":
        shared = ops.constant(WEIGHTS)
        return shared, shared, True, WEIGHTS
    if form == "converted":
        shared = ops.convert(ops.constant(half), np.float32)
        return shared, shared, True, half.astype(np.float32)
    if form == "converted twice":
        constant = ops.constant(half)
        one, other = (ops.convert(constant, np.float32) for _ in range(2))
        return one, other, True, half.astype(np.float32)
    if form == "scaled":
        shared = ops.multiply(ops.convert(ops.constant(few_levels), np.float32), ops.constant(np.float32(1 / 30)))
        return shared, shared, True, few_levels.astype(np.float32) / np.float32(30)
    constant = ops.constant(WEIGHTS)
    return constant, ops.transpose(constant, ops.constant(np.array([1, 0]))), False, WEIGHTS


@pytest.mark.parametrize("form", ["plain", "converted", "converted twice", "scaled", "transposed"])
@pytest.mark.parametrize("compressed", [False, True])
def test_a_product_and_its_transpose(form: str, compressed: bool, tmp_path: Path) -> None:
    image = ops.parameter([1, 3, SIDE_PX, SIDE_PX], np.float32)
    one, other, transposes, weights = readers(form)
    flat = ops.matmul(ops.reshape(image, ops.constant(np.array([1, -1])), False), ops.constant(FIRST), False, False)
    scores = ops.matmul(ops.matmul(flat, one, False, False), other, False, transposes)
    ov.save_model(ov.Model([ops.result(scores)], [image], "net"), tmp_path / "net.xml", compress_to_fp16=compressed)
    with Predictor(cls_model_path=tmp_path / "net.xml", **AS_THEY_ARE) as predictor:
        got = predictor.logits([IMAGE])[0]
    pixels = (IMAGE.astype(np.float32) / 255).transpose(2, 0, 1).reshape(1, -1)
    right = (pixels @ FIRST) @ weights @ weights.T
    assert np.abs(got - right).max() < (0.05 if compressed else 1e-4) * np.abs(right).max()


@pytest.mark.parametrize("transposed_first", [False, True])
def test_a_convolution_and_a_transposed_one(transposed_first: bool, tmp_path: Path) -> None:
    weights = RANDOM.standard_normal((3, 3, 3, 3)).astype(np.float32)
    nets = {}
    for name, constants in {
        "shared": [ops.constant(weights)] * 2,
        "apart": [ops.constant(weights + 0) for _ in "12"],
    }.items():
        image = ops.parameter([1, 3, SIDE_PX, SIDE_PX], np.float32)
        parts = [
            ops.convolution(image, constants[0], [1, 1], [1, 1], [1, 1], [1, 1]),
            ops.convolution_backprop_data(
                image, constants[1], strides=[1, 1], dilations=[1, 1], pads_begin=[1, 1], pads_end=[1, 1]
            ),
        ]
        if transposed_first:
            parts.reverse()
        rows = [ops.reshape(part, ops.constant(np.array([1, -1])), False) for part in parts]
        ov.save_model(ov.Model([ops.concat(rows, 1)], [image], name), tmp_path / f"{name}.xml", compress_to_fp16=False)
        with Predictor(cls_model_path=tmp_path / f"{name}.xml", **AS_THEY_ARE) as predictor:
            nets[name] = predictor.logits([IMAGE])[0]
    assert np.abs(nets["shared"] - nets["apart"]).max() < 1e-5
