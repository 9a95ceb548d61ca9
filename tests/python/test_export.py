"""Networks saved as inference models in both forms, and the paddings of EfficientNet-Lite."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

TOOLS = Path(__file__).parents[2] / "tools"
# Each runs in a process of its own: Paddle takes the form of its models when it is imported, once and for all.
EXPORT = """
import sys
from ppinfer.model.export import choose_format
from recipes.export_network import export_network
choose_format(sys.argv[1])
import numpy as np
from paddle import nn
from paddle.nn import functional

class Small(nn.Layer):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, 4)
        self.second = nn.Linear(4, 4)
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        y = functional.relu6(self.first(x))
        return functional.softmax(self.drop(self.second(y)) + y)

weights = dict(np.load(sys.argv[2]))
export_network(Small, weights, [-1, 4], sys.argv[3])
"""
RUN = """
import sys
import numpy as np
from paddle import inference

config = inference.Config(sys.argv[1], sys.argv[2])
config.disable_glog_info()
predictor = inference.create_predictor(config)
assert predictor.get_input_names() == ["x"]
x, out = np.load(sys.argv[3]), []
for rows in (x, x[:1]):
    predictor.get_input_handle("x").copy_from_cpu(rows)
    predictor.run()
    out.append(predictor.get_output_handle(predictor.get_output_names()[0]).copy_to_cpu())
np.save(sys.argv[4], np.concatenate(out))
"""
FILES = {"classic": "inference.pdmodel", "pir": "inference.json"}


def python(program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "GLOG_minloglevel": "2", "PYTHONPATH": str(TOOLS)}
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300)


def small_weights() -> dict[str, np.ndarray]:
    random = np.random.default_rng(1)
    shapes = {"first.weight": (4, 4), "first.bias": (4,), "second.weight": (4, 4), "second.bias": (4,)}
    return {name: random.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


def small_answer(weights: dict[str, np.ndarray], x: np.ndarray) -> np.ndarray:
    y = np.clip(x @ weights["first.weight"] + weights["first.bias"], 0, 6)
    z = np.exp(y @ weights["second.weight"] + weights["second.bias"] + y)
    return z / z.sum(1, keepdims=True)


@pytest.mark.parametrize("form", FILES)
def test_an_exported_network_answers_as_computed_by_hand(form: str, tmp_path: Path) -> None:
    weights = small_weights()
    np.savez(tmp_path / "weights.npz", **weights)
    x = np.random.default_rng(2).normal(size=(3, 4)).astype(np.float32)
    np.save(tmp_path / "x.npy", x)
    (tmp_path / "net").mkdir()
    done = python(EXPORT, form, tmp_path / "weights.npz", tmp_path / "net")
    assert done.returncode == 0, done.stderr
    files = {path.name for path in (tmp_path / "net").iterdir()}
    assert files == {FILES[form], "inference.pdiparams"}
    assert b".py" not in (tmp_path / "net" / FILES[form]).read_bytes(), "it tells where it was made"
    model = [tmp_path / "net" / name for name in (FILES[form], "inference.pdiparams")]
    done = python(RUN, *model, tmp_path / "x.npy", tmp_path / "out.npy")
    assert done.returncode == 0, done.stderr
    expected = small_answer(weights, x)
    np.testing.assert_allclose(np.load(tmp_path / "out.npy"), np.concatenate([expected, expected[:1]]), atol=1e-6)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda w: w.pop("first.bias"), "first.bias: expected shape (4,), got None"),
        (lambda w: w.update({"third.bias": w["first.bias"]}), "third.bias: expected shape None, got (4,)"),
        (lambda w: w.update({"second.weight": w["first.bias"]}), "second.weight: expected shape (4, 4), got (4,)"),
    ],
)
def test_weights_that_dont_fit_are_refused(change, says: str, tmp_path: Path) -> None:
    weights = small_weights()
    change(weights)
    np.savez(tmp_path / "weights.npz", **weights)
    done = python(EXPORT, "classic", tmp_path / "weights.npz", tmp_path)
    assert "ValueError" in done.stderr
    assert says in done.stderr
    assert not list(tmp_path.glob("inference.*"))


def test_the_form_cant_be_chosen_after_paddle_is_imported() -> None:
    done = python("import paddle; from ppinfer.model.export import choose_format as c; c('pir'); c('classic')")
    assert done.stderr.endswith("RuntimeError: paddle is already imported and can't save inference.pdmodel any more\n")


@pytest.mark.parametrize(
    ("side", "kernel", "stride", "padding"),
    [
        (224, 3, 2, (0, 1)),
        (112, 5, 2, (1, 2)),
        (7, 5, 1, (2, 2)),
        (7, 1, 1, (0, 0)),
        (5, 3, 2, (1, 1)),
        (8, 1, 2, (0, 0)),
    ],
)
def test_same_padding(side: int, kernel: int, stride: int, padding: tuple[int, int]) -> None:
    from recipes.efficientnet_lite import same_padding

    assert same_padding(side, kernel, stride) == padding


def test_same_padding_gives_the_outputs_side_with_no_zero_to_spare() -> None:
    from recipes.efficientnet_lite import output_side, same_padding

    for side in range(1, 40):
        for kernel in (1, 3, 5):
            for stride in (1, 2, 3):
                before, after = same_padding(side, kernel, stride)
                assert 0 <= after - before <= 1
                padded = side + before + after
                assert (padded - kernel) // stride + 1 >= output_side(side, stride)
                if before + after:
                    assert (padded - kernel) // stride + 1 == output_side(side, stride)
                    assert (padded - 1 - kernel) // stride + 1 < output_side(side, stride)


def test_a_convolution_is_centred_as_tensorflow_centres_it() -> None:
    import paddle

    from recipes.efficientnet_lite import ConvNorm

    layer = ConvNorm(1, 1, 6, kernel=3, stride=2, relu=False)
    layer.eval()
    layer.conv.weight.set_value(paddle.ones([1, 1, 3, 3]))
    image = np.arange(36, dtype=np.float32).reshape(6, 6)
    padded = np.pad(image, ((0, 1), (0, 1)))  # 6 to 3 needs one zero more, which stands behind
    sums = [[padded[y : y + 3, x : x + 3].sum() for x in (0, 2, 4)] for y in (0, 2, 4)]
    got = layer(paddle.to_tensor(image[None, None])).numpy()[0, 0] * np.sqrt(1 + 1e-3)
    np.testing.assert_allclose(got, sums, rtol=1e-6)


def test_published_names_are_found_in_the_network() -> None:
    from recipes.efficientnet_lite import EfficientNetLite0, weights_from_torch

    norms = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
    names = ["_conv_stem.weight", "_conv_head.weight", "_fc.weight", "_fc.bias"]
    names += [f"{norm}.{part}" for norm in ("_bn0", "_bn1") for part in norms]
    for block in range(16):
        layers = [("depthwise", 1), ("project", 2)] + ([("expand", 0)] if block else [])
        names += [f"_blocks.{block}._{layer}_conv.weight" for layer, _ in layers]
        names += [f"_blocks.{block}._bn{norm}.{part}" for _, norm in layers for part in norms]
    weights = weights_from_torch({name: np.zeros((2, 3)) for name in names})
    assert set(weights) == set(EfficientNetLite0().state_dict())
    assert weights["classifier.weight"].shape == (3, 2)
