"""Small networks that hold every kind of operation the PIR reader translates, with Paddle's own answers.

`python pir_operations.py FOLDER`, in a process of its own: Paddle isn't loaded into the test's. A network is a group of
operations on one tensor x [N, 8, 11, 13]; their results, flattened, stand side by side in its output. The tensor's
values are multiples of 1/64, so that nothing is rounded before the operations, and steps are at the same places.
FOLDER gets a folder GROUP with the model; `images.npy` uint8 [3, 11, 13, 3]; and `answers.npz` with, for each group,
`GROUP.names`, `GROUP.ends` (where each operation's values end) and `GROUP.1` and `GROUP.3`: the output of Paddle's
plain executor for the first image and for all three.
"""

import os
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np

os.environ["FLAGS_enable_pir_api"] = "1"  # noqa: SIM112
import paddle
import paddle.nn.functional as F  # noqa: N812
from paddle import nn

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))
from plain_paddle import outputs, plain_predictor

SIDES = (11, 13)
PARTS = ("w4", "w2", "w1", "v8", "m8", "batch_norm", "batch_norm_last", "batch_norm_rows")


# Functions by themselves where Paddle's translation to a static program must see their code: it follows x.shape.
def written(x):
    y = x * 1.0
    y[:, 1:3, ::2] = 5.0
    y[:, 0] = x[:, 1]
    y[..., -1] = x[..., 0] + 1
    return y


def with_class_token(x, p):
    token = p.v8.reshape([1, 1, 8]).expand([x.shape[0], -1, -1])
    return paddle.concat([token, x.flatten(2).transpose([0, 2, 1])], 1)


def in_windows(x):
    b, c, h, w = x.shape
    return x.reshape([b, 2, c // 2, h, w]).transpose([0, 2, 1, 3, 4]).reshape([b, c, h, w])


def kept_batch(x, p):
    return x.reshape([x.shape[0], 8, -1])


def batch_in_a_product(x, p):
    return x.reshape([x.shape[0] * 8, x.shape[2], -1]).reshape([-1, 8, 143])


def bits(x):
    x = (x * 10).astype("int32")
    six, one = (paddle.full([1], value, "int32") for value in (6, 1))
    return ((x & six) + (x | one)).astype("float32")


def nhwc(x):
    return x.transpose([0, 2, 3, 1])


GROUPS = {
    "convolutions": {
        "padded": lambda x, p: F.conv2d(x, p.w4, bias=p.v8, padding=1, groups=2),
        "same": lambda x, p: F.conv2d(x, p.w4, stride=2, padding="SAME", groups=2),
        "same dilated": lambda x, p: F.conv2d(x, p.w4, padding="SAME", dilation=2, groups=2),
        "dilated": lambda x, p: F.conv2d(x, p.w4, padding=2, dilation=2, groups=2),
        "valid": lambda x, p: F.conv2d(x, p.w4, padding="VALID", groups=2),
        "uneven": lambda x, p: F.conv2d(x, p.w2, padding=[1, 0, 2, 1], groups=4),
        "ungrouped": lambda x, p: F.conv2d(x[:, :4], p.w4),
        "depthwise": lambda x, p: F.conv2d(x, p.w1, padding=1, groups=8),
        "channels last": lambda x, p: F.conv2d(nhwc(x), p.w4, padding=1, groups=2, data_format="NHWC"),
        "one side": lambda x, p: F.conv1d(x.flatten(2), p.w4[:, :, 0], groups=2, padding=1),
        "transposed": lambda x, p: F.conv2d_transpose(x, p.w4, stride=2, padding=1, output_padding=1),
        "transposed groups": lambda x, p: F.conv2d_transpose(x, p.w4, stride=2, groups=2),
        "three sides": lambda x, p: F.conv3d(x.unsqueeze(2), p.w1.unsqueeze(2), padding=[0, 1, 1], groups=8),
        "unfold": lambda x, p: F.unfold(x[:, :2], 3, 1, 1),
        "unfold uneven": lambda x, p: F.unfold(x[:, :2], [3, 2], [2, 1], [1, 0, 2, 1]),
    },
    "pooling": {
        "max ceil": lambda x, p: F.max_pool2d(x, 3, 2, 0, ceil_mode=True),
        "max ceil padded": lambda x, p: F.max_pool2d(x, 3, 2, 1, ceil_mode=True),
        "max even ceil padded": lambda x, p: F.max_pool2d(x, 2, 2, 1, ceil_mode=True),
        "average ceil": lambda x, p: F.avg_pool2d(x, 2, 2, 0, ceil_mode=True),
        "average ceil padded": lambda x, p: F.avg_pool2d(x, 3, 2, 1, ceil_mode=True),
        "average ceil inclusive": lambda x, p: F.avg_pool2d(x, 3, 2, 1, ceil_mode=True, exclusive=False),
        "average ceil inclusive unpadded": lambda x, p: F.avg_pool2d(x, 2, 2, 0, ceil_mode=True, exclusive=False),
        "average wide ceil inclusive": lambda x, p: F.avg_pool2d(x, 4, 3, 1, ceil_mode=True, exclusive=False),
        "average inclusive": lambda x, p: F.avg_pool2d(x, 3, 2, 1, exclusive=False),
        "average uneven": lambda x, p: F.avg_pool2d(x, 3, 2, [1, 0, 0, 1]),
        "max same": lambda x, p: F.max_pool2d(x, 3, 2, "SAME"),
        "average same": lambda x, p: F.avg_pool2d(x, 3, 2, "SAME"),
        "max valid": lambda x, p: F.max_pool2d(x, 3, 2, "VALID"),
        "max channels last": lambda x, p: F.max_pool2d(nhwc(x), 3, 2, data_format="NHWC"),
        "three sides": lambda x, p: F.avg_pool3d(x.unsqueeze(1), 3, 2, 1),
        "adaptive average": lambda x, p: F.adaptive_avg_pool2d(x, [3, 4]),
        "adaptive max": lambda x, p: F.adaptive_max_pool2d(x, [3, 4]),
        "adaptive one": lambda x, p: F.adaptive_avg_pool2d(x, 1),
        "adaptive max one": lambda x, p: F.adaptive_max_pool2d(x, 1),
        "adaptive kept": lambda x, p: F.adaptive_avg_pool2d(x, [None, 4]),
        "adaptive one side": lambda x, p: F.adaptive_avg_pool1d(x.flatten(2), 1),
        "local response": lambda x, p: F.local_response_norm(x, 5),
    },
    "activations": {
        "relu": lambda x, p: F.relu(x),
        "relu6": lambda x, p: F.relu6(x * 4),
        "sigmoid": lambda x, p: F.sigmoid(x),
        "tanh": lambda x, p: F.tanh(x),
        "silu": lambda x, p: F.silu(x),
        "swish": lambda x, p: F.swish(x),
        "hardswish": lambda x, p: F.hardswish(x * 2),
        "mish": lambda x, p: F.mish(x),
        "softsign": lambda x, p: F.softsign(x),
        "gelu": lambda x, p: F.gelu(x),
        "gelu tanh": lambda x, p: F.gelu(x, approximate=True),
        "leaky relu": lambda x, p: F.leaky_relu(x, 0.2),
        "rrelu": lambda x, p: F.rrelu(x, 0.1, 0.3, training=False),
        "prelu": lambda x, p: F.prelu(x, p.v8),
        "prelu one": lambda x, p: F.prelu(x, p.v8[:1]),
        "prelu last": lambda x, p: F.prelu(nhwc(x), p.v8, data_format="NHWC"),
        "elu": lambda x, p: F.elu(x, 0.7),
        "celu": lambda x, p: F.celu(x, 0.7),
        "selu": lambda x, p: F.selu(x),
        "hardsigmoid": lambda x, p: F.hardsigmoid(x, 0.2, 0.4),
        "hardtanh": lambda x, p: F.hardtanh(x, -0.5, 0.3),
        "hardshrink": lambda x, p: F.hardshrink(x, 0.4),
        "softshrink": lambda x, p: F.softshrink(x, 0.4),
        "tanhshrink": lambda x, p: F.tanhshrink(x),
        "thresholded relu": lambda x, p: F.thresholded_relu(x, 0.4),
        "stanh": lambda x, p: paddle.stanh(x, 0.6, 1.7),
        "softplus": lambda x, p: F.softplus(x, 2.0, 3.0),
        "log sigmoid": lambda x, p: F.log_sigmoid(x),
        "maxout": lambda x, p: F.maxout(x, 2),
        "maxout last": lambda x, p: F.maxout(nhwc(x), 4, axis=-1),
        "glu": lambda x, p: F.glu(x, 1),
        "softmax": lambda x, p: F.softmax(x, 1),
        "log softmax": lambda x, p: F.log_softmax(x, 1),
        "dropout": lambda x, p: F.dropout(x, 0.3, training=False),
        "dropout downscaled": lambda x, p: F.dropout(x, 0.3, training=False, mode="downscale_in_infer"),
        "clip": lambda x, p: paddle.clip(x, -0.2, 0.3),
    },
    "arithmetic": {
        "scales": lambda x, p: (x + 1.5) * 2 / 3 - 1,
        "reversed": lambda x, p: (1 - x) + 1 / (x.abs() + 1),
        "square": lambda x, p: paddle.square(x) - paddle.sqrt(x.abs()) + paddle.rsqrt(x.abs() + 1),
        "reciprocal": lambda x, p: paddle.reciprocal(x.abs() + 1),
        "power": lambda x, p: x.abs() ** 1.5 + paddle.pow(x.abs() + 1, p.v8.reshape([1, 8, 1, 1])),
        "exp log": lambda x, p: paddle.exp(x) + paddle.log(x.abs() + 1),
        "logs": lambda x, p: paddle.log2(x.abs() + 1) + paddle.log10(x.abs() + 1) + paddle.log1p(x.abs()),
        "expm1": lambda x, p: paddle.expm1(x) + paddle.erf(x),
        "waves": lambda x, p: paddle.sin(x) + paddle.cos(x) + paddle.atan(x),
        "steps": lambda x, p: paddle.floor(x) + 3 * paddle.ceil(x) + 7 * paddle.round(x) + 11 * paddle.sign(x),
        "extremes": lambda x, p: paddle.maximum(x, p.v8.reshape([8, 1, 1])) - paddle.minimum(x, -x),
        "floor divide": lambda x, p: paddle.floor_divide((x * 10).astype("int64"), paddle.full([1], 3, "int64")).astype(
            "float32"
        ),
        "floor divide float": lambda x, p: paddle.floor_divide(x, paddle.full([1], 0.25)),
        "remainder": lambda x, p: x % 0.75,
        "remainder of integers": lambda x, p: ((x * 10).astype("int32") % 3).astype("float32"),
        "integers": lambda x, p: ((x * 10).astype("int64") * 3 + 1).astype("float32"),
        "comparisons": lambda x, p: (
            (x > 0).astype("float32")
            + (x >= 0).astype("float32")
            + (x < 0.5).astype("float32")
            + (x <= 0.5).astype("float32")
            + (x == 0.25).astype("float32")
            + (x != 0.25).astype("float32")
        ),
        "logic": lambda x, p: (
            ((x > 0) & (x < 1)).astype("float32")
            + paddle.logical_or(x > 1, x < -1).astype("float32")
            + paddle.logical_xor(x > 1, x < 0).astype("float32")
            + paddle.logical_not(x > 0).astype("float32")
        ),
        "bits": lambda x, p: bits(x),
        "where": lambda x, p: paddle.where(x > 0, x, paddle.zeros_like(x)),
        "where one": lambda x, p: paddle.where(x > 0, x * 2, paddle.to_tensor(-1.0)),
        "half": lambda x, p: (x.astype("float16") * 2).astype("float32"),
        "matmul": lambda x, p: paddle.matmul(x, x, transpose_y=True),
        "matmul first": lambda x, p: paddle.matmul(x, x, transpose_x=True),
        "matmul vector": lambda x, p: paddle.matmul(x, paddle.ones([13])),
        "bmm": lambda x, p: paddle.bmm(x[:, 0], x[:, 1].transpose([0, 2, 1])),
        "tied weights": lambda x, p: x.mean([2, 3]).matmul(p.m8).matmul(p.m8, transpose_y=True),
        "addmm": lambda x, p: paddle.addmm(p.v8, x.mean([2, 3]), p.w2[:, 0, 0].matmul(p.w2[:, 0, 0].t()), 0.5, 2.0),
        "sum of several": lambda x, p: paddle.add_n([x, x.floor(), x * 2]),
        "sum of one": lambda x, p: paddle.add_n([x]),
        "sum of integers": lambda x, p: paddle.add_n([x.astype("int32"), (x * 3).astype("int32")]).astype("float32"),
        "einsum": lambda x, p: paddle.einsum("bchw,bdhw->bcd", x, x),
        "attention": lambda x, p: F.scaled_dot_product_attention(*[x.transpose([0, 2, 1, 3])] * 3),
    },
    "shapes": {
        "flatten": lambda x, p: x.flatten(1, 2),
        "reshape zeros": lambda x, p: paddle.reshape(x, [0, 0, -1]),
        "reshape batch": kept_batch,
        "reshape front": lambda x, p: x.reshape([-1, 11, 13]).reshape([-1, 8, 143]),
        "reshape product": batch_in_a_product,
        "windows": lambda x, p: in_windows(x),
        "squeeze": lambda x, p: x[:, :1].squeeze(1),
        "squeeze longer": lambda x, p: x.squeeze(2),
        "unsqueeze": lambda x, p: x.unsqueeze([1, -1]),
        "transpose": lambda x, p: x.transpose([0, 3, 1, 2]),
        "moveaxis": lambda x, p: paddle.moveaxis(x, 1, -1),
        "stack": lambda x, p: paddle.stack([x, x * 2], 2),
        "split": lambda x, p: paddle.concat(paddle.split(x, [2, -1, 1], axis=1)[::-1], 1),
        "split equal": lambda x, p: sum(paddle.split(x, 4, axis=1)),
        "chunk": lambda x, p: paddle.chunk(x, 2, 1)[1],
        "unbind": lambda x, p: paddle.unbind(x, 1)[3],
        "slice": lambda x, p: x[:, 1, 2:100],
        "slice backwards": lambda x, p: x[:, ::-1, -5:-1],
        "slice steps": lambda x, p: x[:, :, 1::2, ::3],
        "slice last": lambda x, p: x[..., 3],
        "slice new": lambda x, p: x[:, None, 2],
        "expand": lambda x, p: p.v8.reshape([1, 8, 1, 1]).expand([-1, 8, 2, 3]) + x[:, :, :2, :3],
        "expand as": lambda x, p: x[:, :1].expand_as(x),
        "class token": with_class_token,
        "tile": lambda x, p: paddle.tile(x, [1, 2, 1, 3]),
        "flip": lambda x, p: paddle.flip(x, [1, 3]),
        "rot90": lambda x, p: paddle.rot90(x, 1, [2, 3]),
        "roll": lambda x, p: paddle.roll(x, [2, -3], [2, 3]),
        "roll flat": lambda x, p: paddle.roll(x, 5),
        "pixel shuffle": lambda x, p: F.pixel_shuffle(x, 2),
        "pixel unshuffle": lambda x, p: F.pixel_unshuffle(x[:, :, :10, :12], 2),
        "pixel unshuffle, channels last": lambda x, p: F.pixel_unshuffle(nhwc(x[:, :, :10, :12]), 2, "NHWC"),
        "channel shuffle": lambda x, p: F.channel_shuffle(x, 4),
        "tril": lambda x, p: paddle.tril(x, 1),
        "triu": lambda x, p: paddle.triu(x, -2),
        "pad": lambda x, p: F.pad(x, [1, 2, 3, 4]),
        "pad value": lambda x, p: F.pad(x, [1, 2, 3, 4], value=2.5),
        "pad reflect": lambda x, p: F.pad(x, [1, 2, 3, 4], mode="reflect"),
        "pad replicate": lambda x, p: F.pad(x, [1, 2, 3, 4], mode="replicate"),
        "pad circular": lambda x, p: F.pad(x, [1, 2, 3, 4], mode="circular"),
        "pad all": lambda x, p: F.pad(x, [0, 0, 1, 1, 2, 2, 3, 3]),
        "written": lambda x, p: written(x),
    },
    "rest": {
        "batch norm": lambda x, p: p.batch_norm(x),
        "batch norm last": lambda x, p: p.batch_norm_last(nhwc(x)),
        "batch norm rows": lambda x, p: p.batch_norm_rows(x.mean([2, 3])),
        "batch norm lines": lambda x, p: p.batch_norm_rows(x.flatten(2)),
        "layer norm": lambda x, p: F.layer_norm(x, [11, 13]),
        "layer norm three": lambda x, p: F.layer_norm(x, [8, 11, 13]),
        "layer norm weights": lambda x, p: F.layer_norm(nhwc(x), [8], p.v8, p.v8),
        "group norm": lambda x, p: F.group_norm(x, 4, weight=p.v8, bias=p.v8),
        "group norm plain": lambda x, p: F.group_norm(x, 2),
        "instance norm": lambda x, p: F.instance_norm(x, weight=p.v8, bias=p.v8),
        "normalize": lambda x, p: F.normalize(x, axis=1),
        "norm one": lambda x, p: paddle.norm(x, p=1, axis=1),
        "norm three": lambda x, p: paddle.norm(x, p=3, axis=1),
        "norm frobenius": lambda x, p: paddle.linalg.matrix_norm(x, "fro", axis=[2, 3], keepdim=True),
        "norm largest": lambda x, p: paddle.norm(x, p=np.inf, axis=1),
        "mean": lambda x, p: x.mean([2, 3]),
        "mean of all": lambda x, p: x[:, 0, 0] + x.mean(),
        "sum": lambda x, p: x.sum(-1),
        "max": lambda x, p: x.max([1], keepdim=True),
        "min": lambda x, p: paddle.amin(x, [1, 2]) + paddle.min(x, [1, 2]),
        "prod": lambda x, p: paddle.prod(x, 1),
        "any all": lambda x, p: paddle.any(x > 1, 1).astype("float32") + paddle.all(x > -1, 1).astype("float32"),
        "deviation": lambda x, p: x.std([2, 3]),
        "variance": lambda x, p: x.var(1),
        "logsumexp": lambda x, p: paddle.logsumexp(x, [2, 3]),
        "argmax": lambda x, p: x.argmax(1).astype("float32"),
        "argmin": lambda x, p: x.argmin(-1, keepdim=True).astype("float32"),
        "topk": lambda x, p: paddle.topk(x, 3, axis=1)[0],
        "sort": lambda x, p: paddle.sort(x, axis=1, descending=True),
        "cumsum": lambda x, p: paddle.cumsum(x, 2),
        "gather": lambda x, p: paddle.gather(x, paddle.to_tensor([3, 1]), axis=1),
        "index select": lambda x, p: paddle.index_select(x, paddle.to_tensor([3, 1]), axis=1),
        "take along": lambda x, p: paddle.take_along_axis(x, x.argmax(1, keepdim=True), 1, broadcast=False),
        "embedding": lambda x, p: F.embedding((x[:, 0, 0].abs() * 3).astype("int64"), p.w1.flatten(1)),
        "one hot": lambda x, p: F.one_hot(x.argmax(1), 8),
        "arange": lambda x, p: x + paddle.arange(13, dtype="float32"),
        "linspace": lambda x, p: x + paddle.linspace(-1, 1, 13),
        "meshgrid": lambda x, p: x + paddle.meshgrid(paddle.arange(11.0), paddle.arange(13.0))[1],
        "full like": lambda x, p: x + paddle.full_like(x, 2.5),
        "numel": lambda x, p: x / paddle.numel(x[:1]).astype("float32"),
        "nearest": lambda x, p: F.interpolate(x, scale_factor=2, mode="nearest"),
        "nearest size": lambda x, p: F.interpolate(x, size=[7, 20], mode="nearest"),
        "nearest factor": lambda x, p: F.interpolate(x, scale_factor=1.5, mode="nearest"),
        "nearest last": lambda x, p: F.interpolate(nhwc(x), scale_factor=2, mode="nearest", data_format="NHWC"),
        "bilinear": lambda x, p: F.interpolate(x, size=[7, 20], mode="bilinear"),
        "bilinear corners": lambda x, p: F.interpolate(x, size=[7, 20], mode="bilinear", align_corners=True),
        "bilinear mode 1": lambda x, p: F.interpolate(x, size=[7, 20], mode="bilinear", align_mode=1),
        "bilinear factor": lambda x, p: F.interpolate(x, scale_factor=1.7, mode="bilinear"),
        "bilinear computed": lambda x, p: F.interpolate(x, size=paddle.shape(x)[2:] * 2, mode="bilinear"),
        "bicubic": lambda x, p: F.interpolate(x, size=[7, 20], mode="bicubic"),
        "bicubic corners": lambda x, p: F.interpolate(x, size=[17, 20], mode="bicubic", align_corners=True),
        "linear": lambda x, p: F.interpolate(x.flatten(2), size=[50], mode="linear", data_format="NCW"),
        "linear last": lambda x, p: F.interpolate(nhwc(x).flatten(1, 2), size=[50], mode="linear", data_format="NWC"),
        "grid sample": lambda x, p: F.grid_sample(x, nhwc(x[:, :2])),
        "grid sample border": lambda x, p: F.grid_sample(x, nhwc(x[:, :2]), padding_mode="border", align_corners=False),
    },
}


class Group(nn.Layer):
    def __init__(self, operations):
        super().__init__()
        self.operations = operations
        rng = np.random.default_rng(20)
        for name, shape in {
            "w4": [8, 4, 3, 3],
            "w2": [8, 2, 3, 3],
            "w1": [8, 1, 3, 3],
            "v8": [8],
            "m8": [8, 8],
        }.items():
            values = rng.standard_normal(shape) if name[0] == "w" else rng.random(shape) + 0.5
            setattr(self, name, self.create_parameter(shape))
            getattr(self, name).set_value(values.astype("float32"))
        self.sixty_fourth = self.create_parameter([1])
        self.sixty_fourth.set_value(np.array([1 / 64], "float32"))
        self.batch_norm = nn.BatchNorm2D(8)
        self.batch_norm_last = nn.BatchNorm2D(8, data_format="NHWC")
        self.batch_norm_rows = nn.BatchNorm1D(8)
        for norm in (self.batch_norm, self.batch_norm_last, self.batch_norm_rows):
            for tensor in (norm._mean, norm._variance, norm.weight, norm.bias):
                tensor.set_value((rng.random(8) + 0.5).astype("float32"))
        self.ends = []

    def forward(self, image):
        x = (image - 128) * self.sixty_fourth  # a weight, as a model without any has no parameters file
        x = paddle.concat([x, x.flip([2]), x[:, :2] * 0.5], 1)
        p = SimpleNamespace(**{name: getattr(self, name) for name in PARTS})
        found = [operation(x, p).flatten(1) for operation in self.operations.values()]
        self.ends = np.cumsum([part.shape[1] for part in found])
        return paddle.concat(found, 1)


class CumulativeProduct(nn.Layer):
    """What the reader lacks."""

    def __init__(self):
        super().__init__()
        self.factor = self.create_parameter([1])

    def forward(self, x):
        return paddle.cumprod(x * self.factor, dim=1)


def main(folder):
    images = np.random.default_rng(7).integers(0, 256, (3, *SIDES, 3), dtype=np.uint8)
    np.save(folder / "images.npy", images)
    tensor = images.transpose(0, 3, 1, 2).astype("float32")
    answers = {}
    for name, operations in GROUPS.items():
        net = Group(operations)
        net.eval()
        model = folder / name / "inference"
        paddle.jit.save(net, str(model), input_spec=[paddle.static.InputSpec([None, 3, *SIDES], "float32", name="x")])
        net(paddle.to_tensor(tensor))
        answers |= {f"{name}.names": np.array(list(operations)), f"{name}.ends": np.array(net.ends)}
        plain = plain_predictor(model.with_suffix(".json"))
        for count in (1, 3):
            answers[f"{name}.{count}"] = outputs(plain, tensor[:count])[0]
    np.savez(folder / "answers.npz", **answers)
    lacking = nn.Sequential(nn.AdaptiveAvgPool2D(1), nn.Flatten(), CumulativeProduct())
    spec = paddle.static.InputSpec([None, 3, *SIDES], "float32", name="x")
    paddle.jit.save(lacking, str(folder / "lacking/inference"), input_spec=[spec])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
