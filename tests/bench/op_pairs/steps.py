"""The steps that nets are chains of.

Each takes the net, which hands out weights, and a tensor [N, C, H, W], [N, tokens, C] or [N, C].
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import paddle
import paddle.nn.functional as F  # noqa: N812 (Paddle's own usage)

CHANNELS = 8


class Weights(Protocol):
    """A net in the making."""

    entry: Any
    """The tensor that the producer got."""

    def weight(self, *shape: int) -> Any:
        """Give a parameter of seeded values, which spread the sums over them about 1.5 wide."""

    def positive(self, *shape: int) -> Any:
        """Give a buffer of seeded values from 0.5 to 1.5."""


Step = Callable[[Weights, Any], Any]
PRODUCERS: dict[str, Step] = {}
FOLLOWERS: dict[str, Step] = {}


def producer(step: Step) -> Step:
    PRODUCERS[step.__name__] = step
    return step


def follower(step: Step) -> Step:
    FOLLOWERS[step.__name__] = step
    return step


def per_channel(net: Weights, x: Any) -> Any:
    return net.weight(1, x.shape[1], 1, 1) if x.ndim == 4 else net.weight(x.shape[-1])


def flat(x: Any) -> Any:
    return x if x.ndim == 2 else paddle.flatten(x, 1)


def image(x: Any) -> Any:
    return x if x.ndim == 4 else paddle.reshape(x, [-1, x.shape[1], 1, 1])


def convolve(net: Weights, x: Any, side: int = 3, bias: bool = True, groups: int = 1, **options: Any) -> Any:
    x = image(x)
    weight = net.weight(CHANNELS, x.shape[1] // groups, side, side)
    options.setdefault("padding", side // 2)
    return F.conv2d(x, weight, net.weight(CHANNELS) if bias else None, groups=groups, **options)


def normalise(net: Weights, x: Any) -> Any:
    channels = x.shape[1]
    mean, variance, scale = net.weight(channels), net.positive(channels), net.positive(channels)
    return F.batch_norm(x, mean, variance, scale, net.weight(channels), training=False)


@producer
def conv(net: Weights, x: Any) -> Any:
    return convolve(net, x)


@producer
def conv_without_bias(net: Weights, x: Any) -> Any:
    return convolve(net, x, bias=False)


@producer
def conv_bn(net: Weights, x: Any) -> Any:
    return normalise(net, convolve(net, x, bias=False))


@producer
def conv_bias_bn(net: Weights, x: Any) -> Any:
    return normalise(net, convolve(net, x))


@producer
def pointwise(net: Weights, x: Any) -> Any:
    return convolve(net, x, side=1)


@producer
def strided_conv(net: Weights, x: Any) -> Any:
    return convolve(net, x, stride=2)


@producer
def dilated_conv(net: Weights, x: Any) -> Any:
    return convolve(net, x, dilation=2, padding=2)


@producer
def depthwise(net: Weights, x: Any) -> Any:
    return convolve(net, convolve(net, x, side=1, bias=False), groups=CHANNELS)


@producer
def depthwise_bn(net: Weights, x: Any) -> Any:
    return normalise(net, convolve(net, convolve(net, x, side=1, bias=False), groups=CHANNELS, bias=False))


@producer
def grouped_conv(net: Weights, x: Any) -> Any:
    return convolve(net, convolve(net, x, side=1, bias=False), groups=2)


@producer
def deconv(net: Weights, x: Any) -> Any:
    x = image(x)
    return F.conv2d_transpose(x, net.weight(x.shape[1], CHANNELS, 2, 2), net.weight(CHANNELS), stride=2)


@producer
def deconv_bn(net: Weights, x: Any) -> Any:
    x = image(x)
    return normalise(net, F.conv2d_transpose(x, net.weight(x.shape[1], CHANNELS, 2, 2), stride=2))


@producer
def conv_sum(net: Weights, x: Any) -> Any:
    return convolve(net, x) + convolve(net, x, side=1)


@producer
def fc(net: Weights, x: Any) -> Any:
    x = flat(x)
    return F.linear(x, net.weight(x.shape[1], CHANNELS), net.weight(CHANNELS))


@producer
def fc_without_bias(net: Weights, x: Any) -> Any:
    x = flat(x)
    return F.linear(x, net.weight(x.shape[1], CHANNELS))


@producer
def fc_of_tokens(net: Weights, x: Any) -> Any:
    tokens = paddle.transpose(paddle.flatten(image(x), 2), [0, 2, 1])
    return F.linear(tokens, net.weight(tokens.shape[2], CHANNELS), net.weight(CHANNELS))


@producer
def matmul(net: Weights, x: Any) -> Any:
    tokens = paddle.flatten(convolve(net, x, stride=2), 2)
    return paddle.matmul(tokens, tokens, transpose_y=True)


@producer
def scaled_matmul(net: Weights, x: Any) -> Any:
    tokens = paddle.transpose(paddle.flatten(convolve(net, x, stride=2), 2), [0, 2, 1])
    return paddle.matmul(tokens * 0.5, tokens, transpose_y=True)


@producer
def bn(net: Weights, x: Any) -> Any:
    return normalise(net, x)


@producer
def bare_bn(net: Weights, x: Any) -> Any:
    """Without weight and bias, on which Paddle's oneDNN kernel crashes."""
    channels = x.shape[1]
    return F.batch_norm(x, net.weight(channels), net.positive(channels), None, None, training=False)


@producer
def layer_norm(net: Weights, x: Any) -> Any:
    """Over all of an image, which Paddle's oneDNN kernel refuses."""
    return F.layer_norm(x, x.shape[1:], net.weight(int(np.prod(x.shape[1:]))), net.weight(int(np.prod(x.shape[1:]))))


@producer
def token_norm(net: Weights, x: Any) -> Any:
    tokens = paddle.transpose(paddle.flatten(x, 2), [0, 2, 1])
    return F.layer_norm(tokens, tokens.shape[2:], net.weight(tokens.shape[2]), net.weight(tokens.shape[2]))


@producer
def average_pool(net: Weights, x: Any) -> Any:
    return F.avg_pool2d(x, 3, 2, 1)


@producer
def global_pool(net: Weights, x: Any) -> Any:
    return F.adaptive_avg_pool2d(x, 1)


@producer
def mean(net: Weights, x: Any) -> Any:
    return paddle.mean(x, [2, 3])


@producer
def add(net: Weights, x: Any) -> Any:
    return x + x * 0.3


@producer
def multiply(net: Weights, x: Any) -> Any:
    return x * F.sigmoid(x)


def _plain(name: str, function: Callable[[Any], Any]) -> None:
    FOLLOWERS[name] = lambda net, x: function(x)


for _name, _function in {
    "relu": F.relu,
    "relu6": F.relu6,
    "leaky_relu": lambda x: F.leaky_relu(x, 0.1),
    "swish": F.swish,
    "silu": F.silu,
    "hardswish": F.hardswish,
    "hardsigmoid": F.hardsigmoid,
    "hardsigmoid_6": lambda x: F.hardsigmoid(x, 0.2, 0.4),
    "sigmoid": F.sigmoid,
    "gelu": F.gelu,
    "gelu_tanh": lambda x: F.gelu(x, approximate=True),
    "tanh": F.tanh,
    "mish": F.mish,
    "elu": lambda x: F.elu(x, 0.7),
    "softplus": F.softplus,
    "softplus_2": lambda x: F.softplus(x, beta=2, threshold=10),
    "abs": paddle.abs,
    "sqrt": lambda x: paddle.sqrt(paddle.abs(x)),
    "square": paddle.square,
    "exp": lambda x: paddle.exp(x * 0.2),
    "pow": lambda x: paddle.pow(paddle.abs(x), 1.5),
    "clip": lambda x: paddle.clip(x, -0.4, 0.7),
    "times_2": lambda x: x * 2.0,
    "times_3": lambda x: x * 3.0,
    "divide_by_2": lambda x: x / 2.0,
    "divide_by_3": lambda x: x / 3.0,
    "negate": lambda x: -x,
    "shift": lambda x: x + 0.5,
    "affine": lambda x: x * -1.5 + 0.25,
    "shifted_times": lambda x: (x - 0.5) * 1.5,
    "one_minus": lambda x: 1.0 - x,
    "dropout": lambda x: F.dropout(x, 0.4, training=False, mode="downscale_in_infer"),
    "softmax": F.softmax,
    "add_self": lambda x: x + x,
    "gate_self": lambda x: x * F.sigmoid(x),
    "relu_and_self": lambda x: F.relu(x) + x,
    "manual_hardswish": lambda x: x * F.relu6(x + 3.0) / 6.0,
    "concat_self": lambda x: paddle.concat([x, x * 0.5], 1),
    "concat_relu": lambda x: F.relu(paddle.concat([x, x * 0.5], 1)),
    "split": lambda x: paddle.concat(paddle.split(x, 2, 1)[::-1], 1) if x.shape[1] % 2 == 0 else x,
    "max_of": lambda x: paddle.maximum(x, x * 0.5),
    "flatten": lambda x: paddle.flatten(x, 1) if x.ndim > 2 else paddle.reshape(x, [-1, 1, x.shape[1]]).flatten(1),
    "max_pool": lambda x: F.max_pool2d(x, 2) if x.ndim == 4 and x.shape[2] > 1 else x,
    "avg_pool": lambda x: F.avg_pool2d(x, 2) if x.ndim == 4 and x.shape[2] > 1 else x,
    "pool_to_one": lambda x: F.adaptive_avg_pool2d(x, 1) if x.ndim == 4 else x,
}.items():
    _plain(_name, _function)


@follower
def shuffle(net: Weights, x: Any) -> Any:
    if x.ndim != 4 or x.shape[1] % 2:
        return x
    _, channels, height, width = x.shape
    grouped = paddle.reshape(x, [-1, 2, channels // 2, height, width])
    return paddle.reshape(paddle.transpose(grouped, [0, 2, 1, 3, 4]), [-1, channels, height, width])


@follower
def transpose(net: Weights, x: Any) -> Any:
    order = {4: [0, 1, 3, 2], 3: [0, 2, 1]}
    return paddle.transpose(x, order[x.ndim]) if x.ndim in order else x


@follower
def add_bias(net: Weights, x: Any) -> Any:
    return x + per_channel(net, x)


@follower
def times_weight(net: Weights, x: Any) -> Any:
    return x * per_channel(net, x)


@follower
def add_map(net: Weights, x: Any) -> Any:
    return x + net.weight(*x.shape[1:])


@follower
def add_input(net: Weights, x: Any) -> Any:
    """A residual, where the shapes allow it; else a branch that has the tensor's shape."""
    return x + net.entry if tuple(x.shape) == tuple(net.entry.shape) else x + x * 0.5


@follower
def add_input_relu(net: Weights, x: Any) -> Any:
    return F.relu(add_input(net, x))


@follower
def squeeze_excite(net: Weights, x: Any) -> Any:
    if x.ndim != 4:
        return x * F.hardsigmoid(F.linear(x, net.weight(x.shape[-1], x.shape[-1]), net.weight(x.shape[-1])))
    pooled = F.adaptive_avg_pool2d(x, 1)
    weight = net.weight(x.shape[1], x.shape[1], 1, 1)
    return x * F.hardsigmoid(F.conv2d(pooled, weight, net.weight(x.shape[1])))


@follower
def prelu(net: Weights, x: Any) -> Any:
    return F.prelu(x, net.positive(1))


@follower
def then_bn(net: Weights, x: Any) -> Any:
    return normalise(net, x) if x.ndim == 4 else x * net.positive(x.shape[-1]) + net.weight(x.shape[-1])


@follower
def then_conv(net: Weights, x: Any) -> Any:
    return convolve(net, x) if x.ndim in (2, 4) else x


@follower
def then_fc(net: Weights, x: Any) -> Any:
    x = x if x.ndim == 3 else flat(x)
    return F.linear(x, net.weight(x.shape[-1], CHANNELS), net.weight(CHANNELS))


@follower
def channel_norm(net: Weights, x: Any) -> Any:
    """A layer norm over channels by hand, as ConvNeXt has it: one value is read by several operators."""
    centred = x - paddle.mean(x, 1, keepdim=True)
    deviation = paddle.sqrt(paddle.mean(paddle.square(centred), 1, keepdim=True) + 1e-5)
    return centred / deviation * per_channel(net, x)


@follower
def token_block(net: Weights, x: Any) -> Any:
    """The body of a transformer's or ConvNeXt's block, with its residual."""
    channels = x.shape[1]
    tokens = paddle.transpose(x, [0, 2, 3, 1]) if x.ndim == 4 else x
    width = tokens.shape[-1]
    inner = F.layer_norm(tokens, [width], net.weight(width), net.weight(width))
    inner = F.gelu(F.linear(inner, net.weight(width, 2 * channels), net.weight(2 * channels)))
    inner = net.weight(width) * F.linear(inner, net.weight(2 * channels, width), net.weight(width))
    return x + (paddle.transpose(inner, [0, 3, 1, 2]) if x.ndim == 4 else inner)


@follower
def read_thrice(net: Weights, x: Any) -> Any:
    y = F.relu(x)
    return y * x + F.sigmoid(y)
