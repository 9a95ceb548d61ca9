"""Split images into some that calibrate int8 and others that test the result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.format import write_array_header_1_0

from ppinfer._core import BadImageError, Error
from ppinfer.image_folder import images_in_folder

if TYPE_CHECKING:
    from ppinfer.model.source import Source
    from ppinfer.predictor import Predictor

SAMPLES, HOLDOUT = 300, 200
_SEED = 20


@dataclass(frozen=True)
class Split:
    """The images of a folder, in two sets."""

    calibration: tuple[str, ...]
    held_out: tuple[str, ...]
    bad: tuple[tuple[str, str], ...] = ()  # path, and what is wrong with it; in neither of the two


def split_images(
    paths: Sequence[str], is_bad: Callable[[str], str], *, samples: int | None = None, holdout: int | None = None
) -> Split:
    """Choose images evenly over their sorted paths, at random within each part, the same ones each time.

    Args:
        paths: All there are.
        is_bad: Says what is wrong with an image; empty: nothing.
        samples: Number of images for calibration. None: 300, or three fifths of fewer than 500 images.
        holdout: Number of other images for the test. None: 200, or the remaining images.

    Raises:
        Error: There are too few good images.

    >>> split = split_images(["1.png", "2.png", "3.png", "4.png", "5.png"], lambda path: "")
    >>> len(split.calibration), len(split.held_out), sorted((*split.calibration, *split.held_out))[::4]
    (3, 2, ['1.png', '5.png'])
    """
    random = np.random.default_rng(_SEED)
    wanted = (SAMPLES if samples is None else samples) + (HOLDOUT if holdout is None else holdout)
    chosen, bad = _choose(sorted(paths), wanted, is_bad, random)
    if samples is None:
        samples = min(SAMPLES, len(chosen) * 3 // 5 if holdout is None else len(chosen) - holdout)
    if holdout is None:
        holdout = min(HOLDOUT, len(chosen) - samples)
    if samples < 1 or holdout < 1 or samples + holdout > len(chosen):
        found = f"{len(chosen)} good images are" if len(chosen) != 1 else "1 good image is"
        left_out = f"; {len(bad)} were left out, the first is {bad[0][0]}: {bad[0][1]}" if bad else ""
        raise Error(
            f"{found} too few: expected {max(samples, 1)} for calibration and {max(holdout, 1)} others for the test "
            f"(--samples, --holdout){left_out}"
        )
    order = random.permutation(len(chosen))
    calibration, held_out = order[:samples], order[samples : samples + holdout]
    return Split(tuple(chosen[i] for i in sorted(calibration)), tuple(chosen[i] for i in sorted(held_out)), tuple(bad))


def _choose(
    paths: Sequence[str], wanted: int, is_bad: Callable[[str], str], random: np.random.Generator
) -> tuple[list[str], list[tuple[str, str]]]:
    """Take one image from each of `wanted` equal parts, and replace bad ones by any others."""
    parts = np.array_split(np.arange(len(paths)), min(wanted, len(paths)) or 1)
    mixed = [random.permutation(part) for part in parts]
    first = [int(part[0]) for part in mixed if len(part) > 0]
    others = random.permutation(np.concatenate([part[1:] for part in mixed]))
    chosen: list[int] = []
    bad = []
    for index in (*first, *map(int, others)):
        if len(chosen) == wanted:
            break
        if reason := is_bad(paths[index]):
            bad.append((paths[index], reason))
        else:
            chosen.append(index)
    return [paths[index] for index in sorted(chosen)], bad


def split_of_folder(
    source: Source, engine: str, folder: str | Path, *, samples: int | None = None, holdout: int | None = None
) -> Split:
    """Split the images of a folder that a model is to be quantised with, for this engine.

    Raises:
        Error: As split_images; or the folder has no images, or the model can't be loaded.
    """
    paths = images_in_folder(folder, archives=True)
    with open_fp32(source, engine) as predictor:
        return split_images(paths, what_is_wrong(predictor), samples=samples, holdout=holdout)


def open_fp32(source: Source, engine: str) -> Predictor:
    """Load the model as it is, by the engine that shall run it in int8."""
    return source.open(precision="fp32", engine=engine, use_mkldnn="1")


def what_is_wrong(predictor: Predictor) -> Callable[[str], str]:
    """Return the check for split_images: an image is bad if preprocessing fails."""

    def is_bad(path: str) -> str:
        try:
            predictor.preprocess(path)
        except BadImageError as error:
            return f"{error.stage}: {error.message}"
        return ""

    return is_bad


def write_tensors(predictor: Predictor, paths: Sequence[str], file: Path) -> None:
    """Write the images' tensors into a .npy file, float32 [images, channels, height, width]."""
    with file.open("wb") as out:  # no memory map, as that ends the process where the disk is full
        for index, path in enumerate(paths):
            tensor = predictor.preprocess(path)
            if index == 0:
                header = {"descr": "<f4", "fortran_order": False, "shape": (len(paths), *tensor.shape)}
                write_array_header_1_0(out, header)
            out.write(tensor.astype("<f4", copy=False).tobytes())
