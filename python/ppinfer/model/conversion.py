"""Convert a model, compare the new one with its source, and keep it where they agree."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ppinfer._core import ModelError
from ppinfer.agreement import Difference, difference
from ppinfer.extras import need
from ppinfer.model.config_text import describe_source, made_by, write_config
from ppinfer.model.isolated_process import run_isolated
from ppinfer.model.model_folder import CONFIG, new_folder
from ppinfer.model.source import Source, find_source

if TYPE_CHECKING:
    from numpy.typing import NDArray

TOLERANCE = 1e-4
# Format -> the package that writes it, the package's extra, and the module that runs the package.
_MAKERS = {
    "onnx": ("paddle2onnx", "convert", "ppinfer.model.convert_to_onnx"),
    "ir": ("openvino", "openvino", "ppinfer.model.convert_to_ir"),
}
BATCH_SIZES = (1, 3)  # a run of 8 random images in batches of 3 ends in a part of a batch
_RANDOM_IMAGES = 8

TARGETS = {"onnx": "inference.onnx", "ir": "inference.xml", "pdmodel": "inference.pdmodel"}
"""What `--to` can say, and the file that it gives."""

# Format -> the formats that it can be converted to, the one that engine openvino takes best first.
_TO = {"pir": ("onnx", "ir"), "pdmodel": ("onnx", "ir"), "onnx": ("ir",)}
_IN_WORDS = {"pir": "a PIR model (.json)", "pdmodel": "a .pdmodel", "onnx": ".onnx", "ir": "OpenVINO IR (.xml)"}
_NO_WAY = {
    ("pir", "pdmodel"): "Paddle translates .pdmodel to PIR, but not PIR to .pdmodel. Export the network again with "
    "FLAGS_enable_pir_api=0 in the environment",
    ("onnx", "pdmodel"): "Paddle has no importer for this format. Engine openvino runs .onnx as it is",
    ("ir", "onnx"): "OpenVINO doesn't write ONNX: convert the model that the .xml was made from",
    ("ir", "pdmodel"): "only OpenVINO reads this format: convert the model that the .xml was made from",
}


@dataclass(frozen=True)
class Conversion:
    """What was converted, and how well it agrees."""

    source: Source
    model_file: Path
    images: int  # that both were run on
    difference: Difference
    packages: dict[str, str]


def convert(
    source: Source,
    out: str | os.PathLike[str],
    *,
    to: str | None = None,
    images: Sequence[str] = (),
    tolerance: float = TOLERANCE,
    force: bool = False,
) -> Conversion:
    """Make a model folder with the source's model in another format.

    Args:
        source: As find_source gives it.
        out: The new folder.
        to: One of TARGETS; None: .onnx of Paddle's models, OpenVINO IR of .onnx.
        images: Paths of images to check with, beside the random ones.
        tolerance: Of the scores' largest difference, as a share of the largest score (of 1 where that is smaller).
        force: Replace a folder that was made here.

    Raises:
        Error: No model was written: `out` is in use, a package is missing, the conversion isn't supported or failed, or
            its result doesn't agree with the source.
        BadImageError: One of `images` is bad.
    """
    to = check_target(source, to)
    package, extra, _ = _MAKERS[to]
    purpose = "converting this model"
    packages = {package: need(package, extra=extra, purpose=purpose)}
    if to == "onnx":
        need("paddlepaddle", extra="paddle", purpose=purpose, module="paddle")
    with new_folder(Path(out), source.files, force=force) as folder:
        model = folder / TARGETS[to]
        expected = scores_of_source(source, images)
        batch_is_open = convert_file(source, model, to)[0] < 0
        comments = describe_source(source)
        header = made_by("convert", packages)
        keys = {"engine": "openvino"}
        write_config(folder, source, header, comments, keys)
        batch_sizes = BATCH_SIZES if batch_is_open else BATCH_SIZES[:1]
        found = check(folder, expected, images, tolerance, source, batch_sizes)
        agreed = f"scores of {len(expected)} images differ by {found.largest:.2g} at most, the largest is "
        write_config(folder, source, header, [*comments, agreed + f"{found.largest_value:.4g}"], keys)
    return Conversion(source, Path(out) / model.name, len(expected), found, packages)


def convert_file(source: Source, model: Path, to: str) -> list[int]:
    """Write the model's file, and check that what was open in its input still is.

    Returns:
        The shape of its input; -1: open.

    Raises:
        ModelError: The converter can't do it.
    """
    package, _, module = _MAKERS[to]
    task = {"model": str(source.model_file), "params": str(source.params_file or ""), "out": str(model)}
    done = run_isolated(module, task, failure=f"{source.model_file}: {package} can't convert it")
    before, after = done["input_shape"], done["converted_shape"]
    if any(side < 0 <= converted for side, converted in zip(before, after, strict=True)):
        raise ModelError(f"{source.model_file}: its input is {before}, -1 being open, but after the conversion {after}")
    return list(after)


def scores_of_source(source: Source, images: Sequence[str]) -> NDArray[np.float32]:
    """Run the source in fp32, one image at a time.

    Raises:
        ModelError: It can't be loaded, or its scores are not finite.
    """
    with source.open(engine="auto", precision="fp32", batch_size="1") as predictor:
        found = predictor.logits([*random_images(), *images])
    if (broken := int((~np.isfinite(found)).any(axis=1).sum())) > 0:
        raise ModelError(
            f"{source.model_file}: its own scores are not finite for {broken} of {len(found)} images, so no converted "
            "model can be compared with it"
        )
    return found


def check(
    folder: Path,
    expected: NDArray[np.float32],
    images: Sequence[str],
    tolerance: float,
    source: Source,
    batch_sizes: Sequence[int],
) -> Difference:
    """Run the new model in batches of several sizes.

    Raises:
        ModelError: It doesn't load, or its scores are too far from the source's.
    """
    found = []
    for batch_size in batch_sizes:
        try:
            with find_source(folder / CONFIG).open(precision="fp32", batch_size=str(batch_size)) as predictor:
                got = predictor.logits([*random_images(), *images])
        except ModelError as error:
            raise ModelError(f"the converted model can't be run, so nothing was written: {error}") from None
        here = difference(expected, got)
        if not (math.isfinite(here.relative) and here.relative <= tolerance):
            raise ModelError(
                f"{source.model_file}: the converted model doesn't agree with it, so nothing was written: in batches "
                f"of {batch_size} its scores differ by up to {here.largest:.3g}, at scores up to "
                f"{here.largest_value:.3g}; allowed is {tolerance:g} of that"
            )
        found.append(here)
    return max(found, key=lambda one: one.largest)


def check_target(source: Source, to: str | None) -> str:
    """Give the format to convert to.

    Args:
        source: What is converted.
        to: One of TARGETS; None: the format that engine openvino takes best of those that this model can have.

    Raises:
        ModelError: The model can't have this format; the message says what can be done.
    """
    possible = _TO.get(source.format, ())
    to = to or (possible or ("ir",))[0]
    if source.format == to:
        raise ModelError(f"{source.model_file} is {_IN_WORDS[to]} already: no conversion needed")
    if to not in possible:
        reason = _NO_WAY.get((source.format, to), f"expected {', '.join(_IN_WORDS.values())}")
        raise ModelError(f"{source.model_file} can't become {_IN_WORDS[to]}: {reason}")
    return to


def random_images(side_px: int = 64) -> list[NDArray[np.uint8]]:
    """Make seeded pictures [side, side, 3] that differ in colours, in contrast and in how fine they are.

    >>> [image.shape for image in random_images(16)][:2]
    [(16, 16, 3), (16, 16, 3)]
    """
    random = np.random.default_rng(20)
    images = []
    for index in range(_RANDOM_IMAGES):
        cell_px = 2 ** (index % 4)
        cells = random.integers(0, 256, (-(-side_px // cell_px), -(-side_px // cell_px), 3))
        fine = cells.repeat(cell_px, axis=0).repeat(cell_px, axis=1)[:side_px, :side_px]
        colour, contrast = random.integers(0, 256, 3), random.uniform(0.2, 1)
        images.append((contrast * fine + (1 - contrast) * colour).astype(np.uint8))
    return images
