"""EfficientNet-Lite0 in Paddle: MobileNet-style blocks, ReLU6, and the paddings of TensorFlow's "same".

Such a padding depends on the image's size and is larger on the right and at the bottom. The size is fixed here, so
each convolution is given its padding in numbers: a padding operator before it would triple the model's run time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import paddle
from paddle import nn
from paddle.nn import functional

INPUT_SIDE_PX = 224
_NORM_EPSILON = 1e-3


class Stage(NamedTuple):
    """Blocks in a row that give the same number of channels; the stride is the first block's."""

    blocks: int
    kernel: int
    stride: int
    expansion: int
    channels: int


_STEM_CHANNELS = 32
_STAGES = (
    Stage(blocks=1, kernel=3, stride=1, expansion=1, channels=16),
    Stage(blocks=2, kernel=3, stride=2, expansion=6, channels=24),
    Stage(blocks=2, kernel=5, stride=2, expansion=6, channels=40),
    Stage(blocks=3, kernel=3, stride=2, expansion=6, channels=80),
    Stage(blocks=3, kernel=5, stride=1, expansion=6, channels=112),
    Stage(blocks=4, kernel=5, stride=2, expansion=6, channels=192),
    Stage(blocks=1, kernel=3, stride=1, expansion=6, channels=320),
)
_HEAD_CHANNELS = 1280


def output_side(side: int, stride: int) -> int:
    """Side of what a convolution with "same" padding gives."""
    return -(-side // stride)


def same_padding(side: int, kernel: int, stride: int) -> tuple[int, int]:
    """Zeros that "same" adds before and after a side, so that the output's side is ceil(side / stride)."""
    total = max((output_side(side, stride) - 1) * stride + kernel - side, 0)
    return total // 2, total - total // 2


class ConvNorm(nn.Layer):
    """Convolution with "same" padding of a square input, batch normalisation, and ReLU6 where asked for."""

    def __init__(
        self, inputs: int, outputs: int, side: int, *, kernel: int = 1, stride: int = 1, groups: int = 1, relu: bool
    ) -> None:
        super().__init__()
        before, after = same_padding(side, kernel, stride)
        self.conv = nn.Conv2D(
            inputs,
            outputs,
            kernel,
            stride=stride,
            groups=groups,
            padding=[before, after, before, after],
            bias_attr=False,
        )
        self.norm = nn.BatchNorm2D(outputs, epsilon=_NORM_EPSILON)
        self.relu = relu

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        """[N, inputs, side, side] to [N, outputs, ceil(side / stride), the same]."""
        x = self.norm(self.conv(x))
        return functional.relu6(x) if self.relu else x


class Block(nn.Layer):
    """Inverted residual: widen, filter each channel, narrow; added to its input where the shapes are the same."""

    def __init__(self, inputs: int, stage: Stage, stride: int, side: int) -> None:
        super().__init__()
        wide = inputs * stage.expansion
        self.expand = ConvNorm(inputs, wide, side, relu=True) if stage.expansion > 1 else None
        self.depthwise = ConvNorm(wide, wide, side, kernel=stage.kernel, stride=stride, groups=wide, relu=True)
        self.project = ConvNorm(wide, stage.channels, output_side(side, stride), relu=False)
        self.adds_input = stride == 1 and inputs == stage.channels

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        """[N, inputs, side, side] to [N, stage.channels, ceil(side / stride), the same]."""
        wide = self.expand(x) if self.expand is not None else x
        narrow: paddle.Tensor = self.project(self.depthwise(wide))
        return narrow + x if self.adds_input else narrow


class EfficientNetLite0(nn.Layer):
    """RGB images [N, 3, 224, 224], (pixel - 127) / 128, to the probabilities [N, classes]."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.stem = ConvNorm(3, _STEM_CHANNELS, INPUT_SIDE_PX, kernel=3, stride=2, relu=True)
        side = output_side(INPUT_SIDE_PX, 2)
        channels = _STEM_CHANNELS
        blocks = []
        for stage in _STAGES:
            for index in range(stage.blocks):
                stride = stage.stride if index == 0 else 1
                blocks.append(Block(channels, stage, stride, side))
                side, channels = output_side(side, stride), stage.channels
        self.blocks = nn.LayerList(blocks)
        self.head = ConvNorm(channels, _HEAD_CHANNELS, side, relu=True)
        self.classifier = nn.Linear(_HEAD_CHANNELS, classes)

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        """Images to probabilities; no dropout, this network is for inference."""
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        x = paddle.flatten(functional.adaptive_avg_pool2d(self.head(x), 1), 1)
        return functional.softmax(self.classifier(x))


# Names of the published PyTorch weights, in the order of use, and ours.
_RENAMES = (
    (r"^_conv_stem\.", "stem.conv."),
    (r"^_bn0\.", "stem.norm."),
    (r"^_conv_head\.", "head.conv."),
    (r"^_bn1\.", "head.norm."),
    (r"^_fc\.", "classifier."),
    (r"^_blocks\.(\d+)\._(expand|depthwise|project)_conv\.", r"blocks.\1.\2.conv."),
    (r"^_blocks\.(\d+)\._bn0\.", r"blocks.\1.expand.norm."),
    (r"^_blocks\.(\d+)\._bn1\.", r"blocks.\1.depthwise.norm."),
    (r"^_blocks\.(\d+)\._bn2\.", r"blocks.\1.project.norm."),
    (r"\.running_mean$", "._mean"),
    (r"\.running_var$", "._variance"),
)


def weights_from_torch(tensors: Mapping[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
    """The published PyTorch weights under this network's names and in Paddle's layout."""
    weights = {}
    for torch_name, tensor in tensors.items():
        if torch_name.endswith(".num_batches_tracked"):  # only training uses it
            continue
        name = torch_name
        for pattern, ours in _RENAMES:
            name = re.sub(pattern, ours, name)
        weights[name] = np.ascontiguousarray(tensor.T) if name == "classifier.weight" else tensor
    return weights
