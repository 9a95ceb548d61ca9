"""Make the small models, inputs and expected outputs that the engine tests use.

    python tests/golden/make_engine_models.py FOLDER

Weights are random but seeded; nothing is downloaded. Per network NAME the folder then holds `NAME.pdmodel` and
`NAME_pir.json` with their `.pdiparams`, `NAME.input.bin` (float32 [8, 3, side, side]) and `NAME.expected.bin`
(float32 [8, classes], Paddle's own answer); for `tiny` also `tiny.onnx`, `tiny.xml`, and quantised to int8 on those
images `tiny_int8.xml`, `tiny_int8.pdmodel` and, in Paddle's older form, `tiny_fake_int8.pdmodel`.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

IMAGES = 8
TINY_SIDE_PX, TINY_CLASSES = 32, 10
MOBILENET_SIDE_PX = 224


def tiny_net(outputs: int = 1) -> Any:
    from paddle import nn

    class Tiny(nn.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.conv1 = nn.Conv2D(3, 8, 3, stride=2, padding=1)
            self.conv2 = nn.Conv2D(8, 16, 3, stride=2, padding=1)
            self.pool = nn.AdaptiveAvgPool2D(1)
            self.fc = nn.Linear(16, TINY_CLASSES)

        def forward(self, image: Any) -> Any:
            features = nn.functional.relu(self.conv2(nn.functional.relu(self.conv1(image))))
            scores = nn.functional.softmax(self.fc(self.pool(features).flatten(1)))
            return scores if outputs == 1 else (scores, features)

    return fill(Tiny())


def two_input_net() -> Any:
    from paddle import nn

    class TwoInputs(nn.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.tiny = tiny_net()

        def forward(self, left: Any, right: Any) -> Any:
            return self.tiny(left) + self.tiny(right)

    return TwoInputs()


def convolution_only_net() -> Any:
    """Ends in [N, 4, side, side], which is no classifier's output."""
    from paddle import nn

    return fill(nn.Sequential(nn.Conv2D(3, 4, 3, padding=1)))


def uncollapsed_net() -> Any:
    """Ends in [N, classes, 1, 1], as classifiers do that forget to flatten."""
    from paddle import nn

    return fill(nn.Sequential(nn.Conv2D(3, TINY_CLASSES, 3), nn.AdaptiveAvgPool2D(1)))


def mean_net() -> Any:
    """Pools by a mean, as ConvNeXt, Swin and MobileNetV4 do."""
    from paddle import nn

    class Mean(nn.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.convolution = nn.Conv2D(3, 4, 3)
            self.fully_connected = nn.Linear(4, TINY_CLASSES)

        def forward(self, images: Any) -> Any:
            return nn.functional.softmax(self.fully_connected(self.convolution(images).mean([2, 3])))

    return fill(Mean())


def unsteady_net() -> Any:
    """Adds noise to its 512 scores, so that no two runs agree."""
    import paddle
    from paddle import nn

    class Unsteady(nn.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.convolution = nn.Conv2D(3, 8, 4, stride=4)

        def forward(self, images: Any) -> Any:
            return self.convolution(images).flatten(1) + paddle.rand([512]) * 9.0

    return fill(Unsteady())


def mobilenet() -> Any:
    from paddle import nn
    from paddle.vision.models import mobilenet_v3_small

    return nn.Sequential(fill(mobilenet_v3_small(num_classes=100)), nn.Softmax())


def fill(net: Any) -> Any:
    """Give each weight seeded values of a size that keeps activations, and so the answers, apart."""
    rng = np.random.default_rng(7)
    for parameter in net.parameters():
        shape = parameter.shape
        fan_in = np.prod(shape) / shape[-1 if len(shape) == 2 else 0]
        spread = 0.2 if len(shape) == 1 else np.sqrt(2 / fan_in)
        offset = 1.0 if len(shape) == 1 and parameter.name.startswith("batch_norm") and ".w" in parameter.name else 0.0
        parameter.set_value((rng.standard_normal(shape) * spread + offset).astype("float32"))
    net.eval()
    return net


def seeded_input(side_px: int) -> np.ndarray:
    rng = np.random.default_rng(11)
    images = rng.standard_normal((IMAGES, 3, side_px, side_px)) + rng.standard_normal((IMAGES, 3, 1, 1))
    return images.astype("float32")


def export(folder: Path, suffix: str) -> None:
    """Save every network in the format that this process' FLAGS_enable_pir_api chooses."""
    import paddle

    image = [None, 3, TINY_SIDE_PX, TINY_SIDE_PX]
    networks: dict[str, tuple[Callable[[], Any], list[list[int | None]]]] = {
        "tiny": (tiny_net, [image]),
        "tiny_any_size": (tiny_net, [[None, 3, None, None]]),
        "tiny_batch_2": (tiny_net, [[2, 3, TINY_SIDE_PX, TINY_SIDE_PX]]),
        "two_outputs": (lambda: tiny_net(outputs=2), [image]),
        "two_inputs": (two_input_net, [image, image]),
        "convolution_only": (convolution_only_net, [image]),
        "uncollapsed": (uncollapsed_net, [image]),
        "mean": (mean_net, [image]),
        "unsteady": (unsteady_net, [image]),
        "mobilenet": (mobilenet, [[None, 3, MOBILENET_SIDE_PX, MOBILENET_SIDE_PX]]),
    }
    for name, (make, shapes) in networks.items():
        paddle.seed(0)
        net = make()
        spec = [paddle.static.InputSpec(shape, "float32", name=f"x{i}") for i, shape in enumerate(shapes)]
        if name in ("tiny", "uncollapsed", "mobilenet") and suffix == "":
            inputs = seeded_input(shapes[0][2])
            inputs.tofile(folder / f"{name}.input.bin")
            net(paddle.to_tensor(inputs)).numpy().reshape(IMAGES, -1).tofile(folder / f"{name}.expected.bin")
        if name == "tiny" and suffix == "":
            weights = [parameter.numpy() for parameter in net.parameters()]
            (folder / "tiny.onnx").write_bytes(onnx_of_tiny(*weights))
        paddle.jit.save(net, str(folder / f"{name}{suffix}"), input_spec=spec)
    if suffix == "":
        quantize_for_paddle(folder, "tiny_int8", onnx_format=True)
        quantize_for_paddle(folder, "tiny_fake_int8", onnx_format=False)


# The few messages of onnx.proto that the tiny net needs, written by hand so that no further package is.
# Numbers are the field numbers there.
def varint(value: int) -> bytes:
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def field(number: int, value: bytes | str | int) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    payload = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def onnx_tensor(name: str, values: np.ndarray) -> bytes:
    dims = b"".join(field(1, side) for side in values.shape)
    return field(5, dims + field(2, 1) + field(8, name) + field(9, values.astype("<f4").tobytes()))


def onnx_value(name: str, *dims: int | str) -> bytes:
    shape = b"".join(field(1, field(1 if isinstance(dim, int) else 2, dim)) for dim in dims)
    return field(1, name) + field(2, field(1, field(1, 1) + field(2, shape)))


def onnx_node(op: str, inputs: str, output: str, **ints: list[int]) -> bytes:
    node = b"".join(field(1, name) for name in inputs.split()) + field(2, output) + field(4, op)
    for name, values in ints.items():
        node += field(5, field(1, name) + b"".join(field(8, value) for value in values) + field(20, 7))
    return field(1, node)


def onnx_of_tiny(*weights: np.ndarray) -> bytes:
    convolution = {"strides": [2, 2], "pads": [1, 1, 1, 1]}
    graph = (
        onnx_node("Conv", "x w1 b1", "c1", **convolution)
        + onnx_node("Relu", "c1", "r1")
        + onnx_node("Conv", "r1 w2 b2", "c2", **convolution)
        + onnx_node("Relu", "c2", "r2")
        + onnx_node("GlobalAveragePool", "r2", "p")
        + onnx_node("Flatten", "p", "f")
        + onnx_node("Gemm", "f w3 b3", "g")
        + onnx_node("Softmax", "g", "scores")
        + field(2, "tiny")
        + b"".join(onnx_tensor(name, w) for name, w in zip(["w1", "b1", "w2", "b2", "w3", "b3"], weights, strict=True))
        + field(11, onnx_value("x", "batch", 3, TINY_SIDE_PX, TINY_SIDE_PX))
        + field(12, onnx_value("scores", "batch", TINY_CLASSES))
    )
    return field(1, 8) + field(7, graph) + field(8, field(1, "") + field(2, 13))


def export_openvino_ir(folder: Path) -> None:
    os.environ["NNCF_CI"] = "1"  # tells nobody that it was used
    import nncf
    import openvino

    model = openvino.Core().read_model(folder / "tiny.onnx")
    openvino.save_model(model, folder / "tiny.xml", compress_to_fp16=False)
    images = nncf.Dataset([image[np.newaxis] for image in seeded_input(TINY_SIDE_PX)])
    # Ranges that hold every value: the few images differ too much for means over them.
    ranges = nncf.quantization.range_estimator.RangeEstimatorParametersSet.MINMAX
    parameters = nncf.AdvancedQuantizationParameters(activations_range_estimator_params=ranges)
    quantized = nncf.quantize(model, images, advanced_parameters=parameters)
    openvino.save_model(quantized, folder / "tiny_int8.xml", compress_to_fp16=False)


def quantize_for_paddle(folder: Path, name: str, onnx_format: bool) -> None:
    """Quantise `tiny.pdmodel` with Paddle's own tool: to quantize_linear operators, or the older fake_quantize ones."""
    import paddle
    from paddle.static.quantization import PostTrainingQuantization

    paddle.enable_static()
    with paddle.static.scope_guard(paddle.static.Scope()):
        quantization = PostTrainingQuantization(
            executor=paddle.static.Executor(paddle.CPUPlace()),
            model_dir=str(folder),
            model_filename="tiny.pdmodel",
            params_filename="tiny.pdiparams",
            data_loader=lambda: iter([{"x0": image[np.newaxis]} for image in seeded_input(TINY_SIDE_PX)]),
            batch_nums=IMAGES,
            algo="abs_max",
            quantizable_op_type=["conv2d", "matmul_v2"],
            onnx_format=onnx_format,
        )
        quantization.quantize()
        quantization.save_quantized_model(str(folder), f"{name}.pdmodel", f"{name}.pdiparams")
    paddle.disable_static()


def write_versions(folder: Path) -> None:
    from importlib.metadata import PackageNotFoundError, version

    lines = [f"python {sys.version.split()[0]}"]
    for package in ("paddlepaddle", "openvino", "nncf", "numpy"):
        try:
            lines.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            lines.append(f"{package} not installed")
    (folder / "versions.txt").write_text("\n".join(lines) + "\n")


def main() -> None:
    if len(sys.argv) == 4 and sys.argv[1] == "--export":  # in a process of its own: the flag is read at import
        export(Path(sys.argv[2]), sys.argv[3])
        return
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for pir, suffix in (("0", ""), ("1", "_pir")):
        environment = {**os.environ, "FLAGS_enable_pir_api": pir}
        subprocess.run([sys.executable, __file__, "--export", str(folder), suffix], env=environment, check=True)
    export_openvino_ir(folder)
    write_versions(folder)


if __name__ == "__main__":
    main()
