"""The config of a model folder that was made of another: what the source's said, about the new model."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from ppinfer._core import Error, PipelineStep, __version__
from ppinfer.config_fields import FIELDS
from ppinfer.model.model_folder import CONFIG, MARK
from ppinfer.model.source import INFERENCE_YML, Source, find_source
from ppinfer.overrides import quoted

LABELS = "labels.txt"


def made_by(command: str, packages: Mapping[str, str]) -> str:
    """Write the line that a folder made here is known by.

    >>> made_by("quantize", {"nncf": "3.4.0"}).startswith("# Made by ppinfer quantize (ppinfer ")
    True
    """
    versions = ", ".join(f"{name} {version}" for name, version in {"ppinfer": __version__, **packages}.items())
    return f"{MARK}{command} ({versions})"


def describe_source(source: Source) -> list[str]:
    """Write what the new model was made of, for comments."""
    lines = [f"of {source.model_file}", *(f"sha256 of {name}: {digest}" for name, digest in source.hashes())]
    return ["".join(letter if letter.isprintable() else "?" for letter in line) for line in lines]


def write_config(
    folder: Path, source: Source, first_line: str, comments: Iterable[str], keys: Mapping[str, str]
) -> None:
    """Put inference.yml, labels and config.txt beside a new model, so that images are treated as by the source.

    Args:
        folder: Holds the new model and nothing else.
        source: What it was made of.
        first_line: As made_by gives it.
        comments: Further lines for people.
        keys: What runs the new model: engine, precision, ...

    Raises:
        Error: The source's preprocessing can't be said in keys.
    """
    if source.inference_yml is not None:
        shutil.copyfile(source.inference_yml, folder / INFERENCE_YML)
    written = {"model_dir": ".", **keys}
    labels = source.keys["label_path"]
    if labels:
        shutil.copyfile(labels, folder / LABELS)
        written["label_path"] = LABELS
    _write(folder, first_line, comments, written)
    new = find_source(folder / CONFIG)
    kept = [key for key in source.keys if key not in keys and _is_carried(key, engine=new.keys["engine"])]
    unsaid = new.guessed - source.guessed  # the source states them, if only by the same value
    written |= {key: source.keys[key] for key in kept if source.keys[key] != new.keys[key] or key in unsaid}
    _write(folder, first_line, comments, written)
    new = find_source(folder / CONFIG)
    unlike = [key for key in kept if source.keys[key] != new.keys[key]]
    unlike += sorted(new.guessed - source.guessed)
    if unlike or _preprocessing(new) != _preprocessing(source):
        what = ", ".join(unlike) or "preprocessing"
        raise Error(
            f"{source.config or source.model_file}: its {what} can't be copied into another {CONFIG}: put it "
            f"into an {INFERENCE_YML} beside the model"
        )


def _write(folder: Path, first_line: str, comments: Iterable[str], keys: Mapping[str, str]) -> None:
    lines = [first_line, *(f"# {comment}" for comment in comments)]
    lines += [f"{key} {quoted(value)}" for key, value in keys.items()]
    (folder / CONFIG).write_text("\n".join(lines) + "\n", encoding="utf-8", errors="surrogateescape")


def _is_carried(key: str, *, engine: str) -> bool:
    """Tell whether a new model takes over a key. Another engine would only remark on keys that Paddle alone uses."""
    field = FIELDS[key]
    return not (field.of_one_model or field.effect == "nothing" or (field.paddle_only and engine != "paddle"))


def _preprocessing(source: Source) -> list[PipelineStep]:
    steps = [step.operation for step in source.pipeline]
    return list(source.pipeline[: steps.index("model")])
