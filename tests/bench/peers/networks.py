"""Networks of PaddleClas with random weights that work on images as trained ones do.

Note [Random weights]: with the weights that Paddle starts a training from, and statistics of batch normalisation that
were never gathered, activations die away or grow from layer to layer; kernels then work on zeros and denormals, and all
images get the same answer, so that neither times nor a comparison of answers mean anything. So the statistics are
gathered from one batch of photos, and the last layer is scaled so that scores differ between classes as much as a
trained network's. Then images get different answers, and a wrong pixel or a wrong row shows in them.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peers.zoo import Network

SEED = 20
SPREAD_OF_LOGITS = 2.0  # standard deviation over the classes; of EfficientNet-Lite0 it is about that


def build_network(network: Network, photos: NDArray[np.float32]) -> Any:
    """Build it for evaluation, with a softmax at its end; its branches are fused where PaddleClas knows how to.

    Args:
        network: One of PaddleClas'.
        photos: Prepared for it, [photos, 3, side, side].
    """
    import paddle

    backbone = importlib.import_module(f"{_zoo_package()}.{network.module}")
    paddle.seed(SEED)
    np.random.seed(SEED)
    net = getattr(backbone, network.builder)()
    batch = paddle.to_tensor(photos)
    with paddle.no_grad():
        _gather_statistics(net, batch)
        _scale_last_layer(net, float(net(batch).std(axis=1).mean()))
        expected = net(batch).numpy()
        for layer in net.sublayers():
            if hasattr(layer, "re_parameterize"):
                layer.re_parameterize()
        np.testing.assert_allclose(net(batch).numpy(), expected, atol=1e-3)
    net = paddle.nn.Sequential(net, paddle.nn.Softmax())
    net.eval()
    return net


def save_network(net: Any, input_side_px: int, folder: Path) -> None:
    """Write inference.json and inference.pdiparams, with the batch size left open."""
    import paddle

    spec = paddle.static.InputSpec([None, 3, input_side_px, input_side_px], "float32", name="x")
    paddle.jit.save(net, str(folder / "inference"), input_spec=[spec])


def static_scores(folder: Path, tensor: NDArray[np.float32]) -> NDArray[np.float32]:
    """What Paddle's own executor makes of a tensor with the model that was saved."""
    import paddle

    paddle.enable_static()
    try:
        executor = paddle.static.Executor(paddle.CPUPlace())
        program, (name,), outputs = paddle.static.load_inference_model(str(folder / "inference"), executor)
        (scores,) = executor.run(program, feed={name: tensor}, fetch_list=outputs)
    finally:
        paddle.disable_static()
    return np.asarray(scores, np.float32)


def _gather_statistics(net: Any, batch: Any) -> None:
    from paddle import nn

    net.train()
    for layer in net.sublayers():
        if isinstance(layer, nn.BatchNorm | nn.BatchNorm1D | nn.BatchNorm2D):
            layer._momentum = 0.0  # this batch's, and nothing of what they start with
    net(batch)
    net.eval()


def _scale_last_layer(net: Any, spread: float) -> None:
    from paddle import nn

    last = [layer for layer in net.sublayers() if isinstance(layer, nn.Linear)][-1]
    for parameter in last.parameters():
        parameter.set_value(parameter * (SPREAD_OF_LOGITS / spread))


def _zoo_package() -> str:
    """Name of PaddleClas' package of networks, importable.

    The packages above are stood in for by empty ones, as in ppinfer.measure.compare.paddleclas: theirs import all of
    training. So is what downloads weights, which nothing here does.
    """
    found = importlib.util.find_spec("paddleclas")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("paddleclas is not installed", name="paddleclas")
    root = Path(found.origin).parent
    package = "paddleclas.ppcls.arch.backbone"
    for name in ("paddleclas", "paddleclas.ppcls", "paddleclas.ppcls.arch", package, "paddleclas.ppcls.utils"):
        module = ModuleType(name)
        module.__path__ = [str(root.joinpath(*name.split(".")[1:]))]
        sys.modules[name] = module
    for folder in ("legendary_models", "model_zoo"):
        module = ModuleType(f"{package}.{folder}")
        module.__path__ = [str(root.joinpath(*package.split(".")[1:], folder))]
        sys.modules[module.__name__] = module
    downloads: Any = ModuleType("paddleclas.ppcls.utils.save_load")
    downloads.load_dygraph_pretrain = None
    sys.modules[downloads.__name__] = downloads
    logger: Any = logging.getLogger("paddleclas")
    sys.modules["paddleclas.ppcls.utils.logger"] = logger
    utils: Any = sys.modules["paddleclas.ppcls.utils"]
    utils.logger = logger
    return package
