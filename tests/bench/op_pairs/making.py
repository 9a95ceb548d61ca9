"""Makes the nets' files, in the format that this process' FLAGS_enable_pir_api chooses."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import paddle

from op_pairs import steps
from op_pairs.steps import FOLLOWERS, PRODUCERS
from op_pairs.world import SIDE_PX, tensors


class Net:
    """Runs the steps that a net's name tells. Its weights are the same whenever it is run."""

    def __init__(self, name: str, made: Callable[[np.ndarray], Any]) -> None:
        """`made` turns values into a tensor of the graph in the making."""
        self._steps = [{**PRODUCERS, **FOLLOWERS}[step] for step in name.split(".")]
        self._random = np.random.default_rng(zlib.crc32(name.encode()))
        self._made = made
        self.entry: Any = None

    def weight(self, *shape: int) -> Any:
        fan_in = np.prod(shape[1:]) if len(shape) == 4 else shape[0] if len(shape) == 2 else 4
        return self._made((self._random.standard_normal(shape) * 1.5 / np.sqrt(fan_in)).astype(np.float32))

    def positive(self, *shape: int) -> Any:
        return self._made(self._random.uniform(0.5, 1.5, shape).astype(np.float32))

    def run(self, image: Any) -> Any:
        self.entry = x = steps.convolve(self, image, side=1)
        for step in self._steps:
            x = step(self, x)
        return x if x.ndim == 2 else paddle.flatten(x, 1)


def eager_answers(name: str) -> np.ndarray:
    """What Paddle computes without any program: [IMAGES, values]."""
    return Net(name, paddle.to_tensor).run(paddle.to_tensor(tensors())).numpy()


def make(name: str, stem: Path) -> None:
    """Save one net as `stem`.json or .pdmodel. Whatever Paddle throws comes through."""
    paddle.enable_static()
    try:
        program, startup = paddle.static.Program(), paddle.static.Program()
        scope = paddle.static.Scope()
        with paddle.static.scope_guard(scope), paddle.static.program_guard(program, startup):
            image = paddle.static.data("x", [-1, 3, SIDE_PX, SIDE_PX], "float32")
            output = Net(name, _parameter).run(image)
            executor = paddle.static.Executor(paddle.CPUPlace())
            executor.run(startup)
            paddle.static.save_inference_model(str(stem), [image], [output], executor, program=program)
    finally:
        paddle.disable_static()


def _parameter(values: np.ndarray) -> Any:
    initializer = paddle.nn.initializer.Assign(values)
    return paddle.static.create_parameter(list(values.shape), "float32", default_initializer=initializer)
