"""Wrong configs, models and flags stop at once: every error, where it stands, what was expected, exit 2."""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from conftest import LabelledPhotos, program

SECONDS_TO_SAY_NO = 20


@dataclass(frozen=True)
class Wrong:
    """What is set up in a folder that holds a good model, and words that the message must hold."""

    config: str | None  # text of config.txt; None: no such file
    says: tuple[str, ...]
    arguments: tuple[str, ...] = ()
    change: Callable[[Path], object] = lambda folder: None


GOOD = "model_dir model\n"

WRONG = {
    "no such config": Wrong(None, ("config.txt", "no such file")),
    "unknown key": Wrong(GOOD + "resize_short_sise 256\n", ("config.txt:2", "did you mean resize_short_size")),
    "two keys twice": Wrong(
        GOOD + "topk 1\ntopk 2\nlanes 1\nlanes 1\n", ("config.txt:3", "config.txt:5", "topk", "lanes")
    ),
    "not a number": Wrong(GOOD + "topk five\nbatch_size 1.5\n", ("config.txt:2", "five", "config.txt:3", "1.5")),
    "out of range": Wrong(GOOD + "topk 0\nbatch_size -1\n", ("config.txt:2", "config.txt:3")),
    "a word alone": Wrong(GOOD + "topk\n", ("config.txt:2", "topk")),
    "wrong choice": Wrong(GOOD + "engine openvin\n", ("config.txt:2", "openvino", "paddle")),
    "no model": Wrong("topk 5\n", ("model_dir", "cls_model_path")),
    "model folder missing": Wrong("model_dir modle\n", ("config.txt:1", "modle", "model")),
    "model file missing": Wrong("cls_model_path model/inferense.pdmodel\n", ("config.txt:1", "inference.pdmodel")),
    "fp16 without tensorrt": Wrong(GOOD + "use_fp16 1\n", ("use_fp16", "use_tensorrt")),
    "gpu": Wrong(GOOD + "use_gpu 1\n", ("use_gpu", "CPU")),
    "crop larger than the image": Wrong(GOOD + "resize_short_size 128\ncrop_size 224\n", ("crop_size", "128")),
    "class_num": Wrong(GOOD + "class_num 10\n", ("class_num", "10", "1000")),
    "label file short": Wrong(
        GOOD + "label_path short.txt\n",
        ("short.txt", "2", "1000"),
        change=lambda f: (f / "short.txt").write_text("a\nb\n"),
    ),
    "label file missing": Wrong(GOOD + "label_path lables.txt\n", ("config.txt:2", "lables.txt")),
    "input size of another model": Wrong(GOOD + "resize_short_size 320\ncrop_size 299\n", ("299", "224")),
    "params cut": Wrong(
        GOOD,
        ("inference.pdiparams",),
        change=lambda f: (f / "model/inference.pdiparams").write_bytes(
            (f / "model/inference.pdiparams").read_bytes()[:100_000]
        ),
    ),
    "params empty": Wrong(
        GOOD, ("inference.pdiparams",), change=lambda f: (f / "model/inference.pdiparams").write_bytes(b"")
    ),
    "model is text": Wrong(
        GOOD, ("inference.pdmodel",), change=lambda f: (f / "model/inference.pdmodel").write_text("not a model")
    ),
    "spec names an unknown op": Wrong(
        GOOD,
        ("inference.yml", "RandomFlip"),
        change=lambda f: (f / "model/inference.yml").write_text("PreProcess:\n  transform_ops:\n  - RandomFlip: {}\n"),
    ),
    "spec isn't YAML": Wrong(
        GOOD, ("inference.yml",), change=lambda f: (f / "model/inference.yml").write_text("a: [1,\nb: }")
    ),
    "unknown override": Wrong(GOOD, ("lanse", "did you mean lanes"), arguments=("-o", "lanse=2")),
    "override without a value": Wrong(GOOD, ("lanes",), arguments=("-o", "lanes")),
    "unknown format": Wrong(GOOD, ("jsonl",), arguments=("--format", "jsn")),
    "unknown flag": Wrong(GOOD, ("--formt",), arguments=("--formt", "jsonl")),
    "output folder missing": Wrong(GOOD, ("no/such/out.jsonl",), arguments=("--output", "no/such/out.jsonl")),
    "many at once": Wrong(
        "model_dir model\ntopk x\nuse_mkldnn maybe\ncrop_siez 1\nmean 1,2\n",
        ("config.txt:2", "config.txt:3", "config.txt:4", "config.txt:5", "crop_size"),
    ),
}


def doors(clas_system: str) -> dict[str, list[str]]:
    return {"clas_system": [clas_system], "ppinfer classify": [program("ppinfer"), "classify"]}


# What is wrong with these an engine says; all else is said before one is asked.
ABOUT_MODELS = ("class_num", "input size of another model", "params cut", "params empty", "model is text")
CASES = [*((name, "openvino") for name in WRONG), *((name, "paddle") for name in ABOUT_MODELS)]


@pytest.mark.parametrize(("name", "engine"), CASES)
def test_wrong_input_is_refused_with_every_reason(
    name: str, engine: str, lite0: Path, foolbox_photos: LabelledPhotos, clas_system: str, tmp_path: Path
) -> None:
    wrong = WRONG[name]
    shutil.copytree(lite0, tmp_path / "model")
    if wrong.config is not None:
        engine_line = "" if "engine" in wrong.config or "use_" in wrong.config else f"engine {engine}\n"
        (tmp_path / "config.txt").write_text(wrong.config + engine_line)
    wrong.change(tmp_path)
    for door, command in doors(clas_system).items():
        done = subprocess.run(
            [*command, "-c", "config.txt", *wrong.arguments, foolbox_photos.paths[0]],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=SECONDS_TO_SAY_NO,
        )
        assert done.returncode == 2, (door, done)
        assert done.stdout == "", (door, done.stdout)
        for words in wrong.says:
            assert words in done.stderr, (door, words, done.stderr)
        for trace in ("Traceback", "terminate called", "C++ Traceback", "Aborted", "#0 "):
            assert trace not in done.stderr, (door, done.stderr)
