"""The networks of tests/bench/pir_models.py: paddleclas' backbones and paddle.vision's, exported with random weights.

Run by it in a process of its own, as Paddle can crash: `python pir_networks.py FOLDER NAME` writes NAME's model and
`side.txt` into FOLDER; without a NAME it prints all names.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import inspect
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

SEED = 20
SIDES_PX = (
    ("InceptionV", 299), ("inception_v3", 299), ("Xception", 299), ("MobileViT", 256), ("MobileNetV4_hybrid", 256),
    ("MobileFaceNet", 112), ("AdaFace", 112),
)  # fmt: skip
_BACKBONES = "ppcls.arch.backbone"


class _StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives empty modules for what paddleclas imports for training alone, and for its own utilities."""

    def find_spec(self, name: str, path: Any, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        is_utility = name == "ppcls.utils" or name.startswith("ppcls.utils.")
        if is_utility or (path is None and name in self.missing):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    missing = ("easydict", "faiss", "ftfy", "prettytable", "regex", "requests", "sklearn", "ujson", "visualdl")

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _Anything(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        if module.__name__ == "ppcls.utils.config":
            module.AttrDict = _Attributes  # type: ignore[attr-defined]  # for EfficientNetV2


class _Attributes(dict[str, Any]):
    """A dict whose items are attributes, too."""

    __getattr__ = dict.__getitem__
    __setattr__ = dict.__setitem__


class _Anything(ModuleType):
    """Has every attribute; each does nothing when called."""

    __path__: Sequence[str] = ()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Anything(name)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return arguments[0] if len(arguments) == 1 and callable(arguments[0]) else self


def builders() -> Iterator[tuple[str, Callable[[], Any]]]:
    """Every function or class that gives a network without arguments, by the name that the table shows."""
    found = importlib.util.find_spec("paddleclas")
    if found is not None and found.origin is not None:
        root = Path(found.origin).parent
        sys.meta_path.insert(0, _StandIns())
        for name in ("ppcls", "ppcls.arch"):
            module = ModuleType(name)
            module.__path__ = [str(root.joinpath(*name.split(".")))]
            sys.modules[name] = module
        backbone = importlib.import_module(_BACKBONES)
        for name, value in vars(backbone).items():
            here = getattr(value, "__module__", None) or ""
            if here.startswith(_BACKBONES + ".") and name[0] != "_" and _needs_no_argument(value):
                yield name, value
    vision = importlib.import_module("paddle.vision.models")
    for name in vision.__all__:
        if name[0].islower():
            yield f"vision.{name}", getattr(vision, name)


def _needs_no_argument(value: Any) -> bool:
    if not callable(value):
        return False
    try:
        parameters = inspect.signature(value).parameters.values()
    except (TypeError, ValueError):
        return False
    needs = [p for p in parameters if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    return not needs and (inspect.isfunction(value) or value.__name__[0].isupper())


def side_of(name: str) -> int:
    """The pixels of an input's side: in the name, or by family, or 224."""
    for part in reversed(name.split("_")):
        if part.isdigit() and 96 <= int(part) <= 512:
            return int(part)
    return next((side for start, side in SIDES_PX if name.removeprefix("vision.").startswith(start)), 224)


def made_pictures(count: int, side_px: int) -> list[np.ndarray]:
    """`count` pictures: uint8 [side_px, side_px, 3], coarse colours and fine noise."""
    rng = np.random.default_rng(3)
    coarse = rng.integers(0, 200, (count, 4, 4, 3))
    fine = rng.integers(0, 56, (count, side_px, side_px, 3))
    rows = np.arange(side_px) * 4 // side_px
    return list((coarse[:, rows][:, :, rows] + fine).astype(np.uint8))


def with_random_weights(net: Any, side_px: int) -> Any:
    """Leave no weight at a value that hides a mistake: zeros, ones, and statistics that were never gathered."""
    import paddle
    from paddle import nn

    rng = np.random.default_rng(SEED)
    for parameter in net.parameters():
        values = parameter.numpy()
        if values.dtype != np.float32 or (values.ndim > 1 and np.abs(values).max() > 1e-4):
            continue
        if np.abs(values).mean() < 1e-3:
            values = rng.standard_normal(values.shape) * (0.1 if values.ndim == 1 else 0.05)
        else:
            values = values * (1 + 0.1 * rng.standard_normal(values.shape))
        parameter.set_value(values.astype("float32"))
    norms = [layer for layer in net.sublayers() if isinstance(layer, nn.BatchNorm | nn.BatchNorm1D | nn.BatchNorm2D)]
    net.eval()
    with paddle.no_grad():
        momenta = [layer._momentum for layer in norms]
        for layer in norms:
            layer.train()
            layer._momentum = 0.0
        if norms:
            pictures = np.stack([(picture - 118.0) / 58 for picture in made_pictures(4, side_px)])
            net(paddle.to_tensor(pictures.transpose(0, 3, 1, 2).astype("float32")))
        for layer, momentum in zip(norms, momenta, strict=True):
            layer._momentum = momentum
    net.eval()
    return net


def export(name: str, folder: Path) -> None:
    """Write the network's model and `side.txt` into the folder."""
    import paddle

    paddle.seed(SEED)
    np.random.seed(SEED)
    side = side_of(name)
    loaded = sys.modules.get("loaded_networks")  # where many are exported in turn
    networks = dict(builders()) if loaded is None else loaded.NETWORKS
    net = with_random_weights(networks[name](), side)
    spec = paddle.static.InputSpec([None, 3, side, side], "float32", name="x")
    paddle.jit.save(net, str(folder / "inference"), input_spec=[spec])
    (folder / "side.txt").write_text(str(side))


if __name__ == "__main__":
    os.environ.setdefault("FLAGS_enable_pir_api", "1")
    if len(sys.argv) > 2:
        export(sys.argv[2], Path(sys.argv[1]))
    else:
        print("\n".join(dict(builders())))
