"""The networks of the contest: EfficientNet-Lite0 as it was trained, and PaddleClas' own with random weights.

Each becomes a folder with Paddle 3's `inference.json`, the same network as `model.onnx`, and the `inference.yml` that
PaddleClas would write. They are made once, in processes of their own, and kept in models/zoo/.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from peers.environment import ZOO, SetupError, last_lines, process_environment

CLASSES = 1000
PHOTOS = ZOO / "sample_photos"
"""Twenty, which random networks are set up with and architectures are tried on; make_model() gets them."""


@dataclass(frozen=True)
class Network:
    """One row of the zoo."""

    name: str
    title: str
    module: str
    """In PaddleClas' ppcls/arch/backbone; empty: made by tools/make_default_model."""
    builder: str = ""
    resize_short_px: int = 256
    input_side_px: int = 224

    @property
    def is_trained(self) -> bool:
        return not self.module

    @property
    def recipe(self) -> dict[str, str]:
        """What decides the files: a folder made by another recipe is made anew."""
        return {"made by": "peers zoo 2", "network": repr(self), "paddleclas": "2.6.0", "paddle2onnx": "2.1.0"}


_ALL = (
    Network("efficientnet_lite0", "EfficientNet-Lite0", ""),
    Network("mobilenet_v3_small", "MobileNetV3 small", "legendary_models.mobilenet_v3", "MobileNetV3_small_x1_0"),
    Network("resnet50", "ResNet50", "legendary_models.resnet", "ResNet50"),
    Network("pp_lcnet", "PP-LCNet x1.0", "legendary_models.pp_lcnet", "PPLCNet_x1_0"),
    Network("deit_tiny", "DeiT tiny", "model_zoo.distilled_vision_transformer", "DeiT_tiny_patch16_224"),
    Network("repvgg_a0", "RepVGG-A0", "model_zoo.repvgg", "RepVGG_A0"),
    Network("vgg16", "VGG16", "legendary_models.vgg", "VGG16"),
    Network("efficientnet_b3", "EfficientNet-B3", "model_zoo.efficientnet", "EfficientNetB3", 320, 300),
    Network("shufflenet_v2", "ShuffleNetV2 x1.0", "model_zoo.shufflenet_v2", "ShuffleNetV2_x1_0"),
    Network("swin_tiny", "Swin tiny", "legendary_models.swin_transformer", "SwinTransformer_tiny_patch4_window7_224"),
)
NETWORKS: Mapping[str, Network] = {network.name: network for network in _ALL}
CONTEST = tuple(NETWORKS)[:6]
"""Those that the peers compete on."""


def folder_of(network: Network) -> Path:
    """Where its files are, once they are made."""
    return ZOO / network.name


def make_model(network: Network, python: Path) -> Path:
    """Make the network's folder unless it is there as made; gives it.

    Raises:
        SetupError: The network couldn't be built, saved or converted.
    """
    folder = folder_of(network)
    command = [python, "-m", "peers.make_model", network.name, folder]
    done = subprocess.run(command, env=process_environment(), capture_output=True, text=True)
    if done.returncode != 0:
        raise SetupError(f"{network.title} couldn't be made:\n{last_lines(done.stderr or done.stdout)}")
    return folder
