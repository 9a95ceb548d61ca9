"""Quantise, measure, and keep what is accurate enough."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ppinfer._core import Error, ModelError
from ppinfer.extras import need
from ppinfer.model.accuracy import Accuracy, accuracy
from ppinfer.model.calibration import Split, open_fp32, split_of_folder, write_tensors
from ppinfer.model.config_text import describe_source, made_by, write_config
from ppinfer.model.conversion import convert_file
from ppinfer.model.isolated_process import run_isolated
from ppinfer.model.model_folder import CONFIG, check_free, new_folder
from ppinfer.model.source import Source, find_source

MIN_AGREEMENT = 0.95
FEWEST_TEST_IMAGES = 50  # of fewer a share says little

_FILES = {"openvino": "inference.xml", "paddle": "inference.pdmodel"}
_MODULES = {"openvino": "ppinfer.model.quantize_with_nncf", "paddle": "ppinfer.model.quantize_with_paddle"}


class TooInaccurateError(Error):
    """The new model changes too many results; it was removed."""

    accuracy: Accuracy


@dataclass(frozen=True)
class Quantization:
    """The model that was made, its source, and its accuracy."""

    source: Source
    model_file: Path
    engine: str
    split: Split
    accuracy: Accuracy
    bytes_before: int
    bytes_after: int
    packages: Mapping[str, str]

    def as_dict(self) -> dict[str, Any]:
        """Give it as JSON can hold it."""
        return {
            "source": str(self.source.model_file),
            "sha256": dict(self.source.hashes()),
            "model": str(self.model_file),
            "engine": self.engine,
            "packages": dict(self.packages),
            "calibrated_with": len(self.split.calibration),
            "bad_images": [{"path": path, "reason": reason} for path, reason in self.split.bad],
            **self.accuracy.as_dict(),
            "bytes_before": self.bytes_before,
            "bytes_after": self.bytes_after,
        }

    def doubts(self, min_agreement: float, labels: int) -> list[str]:
        """Say what makes the figures doubtful.

        Args:
            min_agreement: The share of results that was asked for.
            labels: How many labels were given.
        """
        agreement = self.accuracy.agreement
        images = f"{agreement.images} image{'s' * (agreement.images != 1)}"
        found = []
        if not agreement.reaches(min_agreement):
            found.append(f"kept by --force: {agreement.share:.1%} is less than {min_agreement:.1%}")
        if labels > 0 and self.accuracy.labelled == 0:
            given = f"{labels} label{'s' * (labels != 1)}"
            found.append(f"none of the {given} is of a held-out image: files are relative to the folder")
        if agreement.images < FEWEST_TEST_IMAGES:
            found.append(f"{images} for the test: too few for a reliable agreement; use a larger folder")
        elif self.accuracy.distinct_results == 1:
            found.append("fp32 has one top-1 class for all test images, so the agreement is unreliable")
        return found


def quantize(
    source: Source,
    out: str | os.PathLike[str],
    split: Split,
    *,
    engine: str = "openvino",
    labels: Mapping[str, int] | None = None,
    min_agreement: float = MIN_AGREEMENT,
    force: bool = False,
    on_step: Callable[[str], object] = lambda step: None,
) -> Quantization:
    """Make a model folder with the source's model in int8.

    Args:
        source: As find_source gives it.
        out: The new folder.
        split: The images for calibration and for the test.
        engine: Which engine shall run it, "openvino" or "paddle".
        labels: Right classes of images, by their paths.
        min_agreement: Share of the held-out images whose result must be that of fp32.
        force: Replace a folder that was made here, and keep a model that agrees less.
        on_step: Called with what comes next, in words.

    Raises:
        TooInaccurateError: It agrees less; nothing was kept.
        Error: Nothing was made: `out` is in use, a package is missing, or the model can't be quantised.
    """
    check_format(source, engine)
    packages = needed_packages(source, engine)
    out = Path(out)
    with new_folder(out, (*source.files, *map(Path, split.calibration[:1])), force=force) as folder:
        model = folder / _FILES[engine]
        with open_fp32(source, engine) as fp32:
            on_step(f"calibrating with {len(split.calibration)} images")
            quantize_file(source, model, engine, fp32, split)
            first_line, comments = made_by("quantize", packages), describe_source(source)
            keys = {"engine": engine, "precision": "int8"}
            write_config(folder, source, first_line, comments, keys)
            on_step(f"testing with {len(split.held_out)} others")
            new = find_source(folder / CONFIG)
            with new.open() as int8:
                found = accuracy(fp32, int8, split.held_out, labels or {})
        refuse_if_worse(found, min_agreement, force=force)
        write_config(folder, source, first_line, [*comments, *in_comments(found, split)], keys)
        before, after = (sum(path.stat().st_size for path in files) for files in (source.files, new.files))
        return Quantization(source, out / model.name, engine, split, found, before, after, packages)


def check_format(source: Source, engine: str) -> None:
    """Refuse what the engine's quantisation can't read.

    Raises:
        ModelError: The message says what can be done.
    """
    if engine == "paddle" and source.format != "pdmodel":
        raise ModelError(
            f"{source.model_file}: for engine paddle only .pdmodel can be quantised; set --engine openvino for .json "
            "(PIR), .pdmodel and .onnx"
        )
    if engine == "openvino" and source.format not in ("pir", "pdmodel", "onnx", "ir"):
        raise ModelError(f"{source.model_file}: expected .json (PIR), .pdmodel, .onnx or .xml")


def needed_packages(source: Source, engine: str) -> dict[str, str]:
    """Give the packages that do the work, with their versions.

    Raises:
        Error: One is missing; the message says how to install it.
    """
    if engine == "paddle":
        return {"paddlepaddle": need("paddlepaddle", extra="paddle", purpose="quantising", module="paddle")}
    need("openvino", extra="openvino", purpose="quantising for engine openvino")
    return {"nncf": need("nncf", extra="quantize", purpose="quantising for engine openvino")}


def plan_split(
    source: Source,
    folder: str,
    out: str | os.PathLike[str],
    *,
    engine: str,
    samples: int | None = None,
    holdout: int | None = None,
    force: bool = False,
) -> Split:
    """Check what `quantize` needs before minutes of work, and choose the images of a folder for it.

    Raises:
        Error: As `quantize` and `split_of_folder`.
    """
    check_free(Path(out), (*source.files, Path(folder)), force=force)
    check_format(source, engine)
    needed_packages(source, engine)
    return split_of_folder(source, engine, folder, samples=samples, holdout=holdout)


def quantize_file(source: Source, model: Path, engine: str, fp32: Any, split: Split) -> None:
    """Write the new model's files.

    Raises:
        ModelError: The quantisation can't do it.
    """
    with tempfile.TemporaryDirectory(prefix=".tensors-", dir=model.parent.parent) as between:
        read, params = source.model_file, source.params_file
        if engine == "openvino" and source.format == "pir":
            read, params = Path(between, "inference.xml"), None  # which NNCF reads
            convert_file(source, read, "ir")
        tensors = Path(between, "tensors.npy")
        write_tensors(fp32, split.calibration, tensors)
        task = {"model": str(read), "params": str(params or ""), "tensors": str(tensors), "out": str(model)}
        run_isolated(_MODULES[engine], task, failure=f"{source.model_file}: can't be quantised")


def refuse_if_worse(found: Accuracy, min_agreement: float, *, force: bool) -> None:
    """Raise TooInaccurateError unless enough results are the same, or it is forced."""
    if force or found.agreement.reaches(min_agreement):
        return
    agreement = found.agreement
    error = TooInaccurateError(
        f"only {agreement.agreeing} of {agreement.images} held-out images ({agreement.share:.1%}) match fp32, "
        f"expected {min_agreement:.1%}: no model was written. More calibration images (--samples) or the other "
        "engine may help; --min-agreement sets another limit, and --force keeps the model"
    )
    error.accuracy = found
    raise error


def in_comments(found: Accuracy, split: Split) -> list[str]:
    """Say for people how good it is."""
    agreement = found.agreement
    lines = [
        f"calibrated with {len(split.calibration)} images; on {agreement.images} others {agreement.agreeing} results "
        "are those of fp32",
        f"scores differ by {found.scores.largest:.3g} at most, {found.scores.mean:.2g} in the mean",
    ]
    if found.labelled:
        right = (found.right_fp32, found.right_int8)
        lines.append(f"right of {found.labelled} with labels: {right[0]} in fp32, {right[1]} in int8")
    return lines
