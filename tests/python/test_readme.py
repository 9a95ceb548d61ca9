"""What README.md tells people to type works, and what it shows is what they get."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ppinfer import _core

ROOT = Path(__file__).resolve().parents[2]
MODELS = Path(os.environ.get("PPINFER_MODELS", ROOT / "models"))
TEST_MODELS = Path(os.environ.get("PPINFER_TEST_MODELS", ROOT / "models/tests"))
TINY_SIDE, TINY_CLASSES = 32, 10  # of tests/golden/make_engine_models.py
README = (ROOT / "README.md").read_text(encoding="utf-8")
# By the script that sets up this very environment, or by the reader's own choice of a shell.
SETUP_COMMANDS = ("tools/demo", "tools/test", "source .venv/bin/activate")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    """A conversion and what uses its model are 1 command, as each command is tried in a folder of its own."""
    lines = [line.split("  #")[0].strip() for block in blocks("sh") for line in block.splitlines()]
    (convert,) = (line for line in lines if line.startswith("ppinfer convert"))
    lines.remove(convert)
    lines = [f"{convert} && {line}" if "my_converted" in line else line for line in lines]
    return [line for line in lines if not line.startswith(SETUP_COMMANDS)]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder that has `models/`, as this one has after tools/demo, and may be written to."""
    (tmp_path / "models").symlink_to(MODELS)
    lite0 = MODELS / "efficientnet_lite0"
    (tmp_path / "my_export").symlink_to(lite0)
    (tmp_path / "my_pir_export").symlink_to(MODELS / "efficientnet_lite0_pir")
    (tmp_path / "my_photos").symlink_to(MODELS / "sample_photos")
    (tmp_path / "my_model.onnx").symlink_to(TEST_MODELS / "tiny.onnx")
    (tmp_path / "my_labels.txt").write_text("".join(f"class {i}\n" for i in range(TINY_CLASSES)))
    records = [
        json.dumps({"path": str(photo), "status": "ok", "class_ids": [1], "scores": [0.5], "label_names": []})
        for photo in (MODELS / "sample_photos").glob("*.jpg")
    ]
    (tmp_path / "records.jsonl").write_text("\n".join(records) + "\n")
    legacy = (ROOT / "configs/legacy_config.txt").read_text(encoding="utf-8")
    (tmp_path / "my_config.txt").write_text(legacy.replace("./inference/cls_infer", f"{lite0}/inference"))
    return tmp_path


def run(command: list[str], folder: Path) -> str:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=environment)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def masked(text: str) -> list[str]:
    """Lines without the numbers that differ from run to run, and without the widths of a table."""
    lines = [re.sub(r"[\d.]+", "#", line) for line in text.splitlines()]
    return [" ".join(re.sub("[━─]+", "-", line).split()) for line in lines]


@pytest.mark.parametrize("command", commands())
def test_command(command: str, checkout: Path) -> None:
    if "my_model.onnx" in command:  # which is smaller here
        command = command.replace("crop_size=224", f"crop_size={TINY_SIDE}")
    if "my_converted" in command and sys.version_info >= (3, 13):
        pytest.skip("there is no paddle2onnx for this Python")
    if command.startswith("ppinfer quantize"):  # these photos are too few
        if "vnni" not in _core.cpu_features():
            pytest.skip("this CPU lacks VNNI, so that no engine computes in int8")
        command += " --min-agreement 0.5"
    run(["bash", "-euc", command], checkout)


def test_enough_is_tested() -> None:
    assert len(commands()) >= 13


def test_demo_shows_what_is_shown() -> None:
    shown = masked(blocks("text")[0].replace("...\n", ""))
    seen = masked(run([str(ROOT / "tools/demo")], ROOT))
    assert [line for line in shown if line not in seen] == []


def test_python_blocks(checkout: Path) -> None:
    folder, stages = (run([sys.executable, "-c", block], checkout).splitlines() for block in blocks("python"))
    assert len(folder) == len(list((MODELS / "sample_photos").glob("*.jpg")))
    assert stages[1:] == ["resized and cropped (224, 224, 3)", "tensor (3, 224, 224)", "scores (1, 1000)"]


def test_cpp_and_cmake_blocks(checkout: Path) -> None:
    (cmake,) = blocks("cmake")
    (cpp,) = blocks("cpp")
    (checkout / "main.cc").write_text(cpp)
    start = "cmake_minimum_required(VERSION 3.24)\nproject(app LANGUAGES CXX)\nadd_executable(app main.cc)\n"
    (checkout / "CMakeLists.txt").write_text(start + cmake)
    run(["cmake", "--install", str(ROOT / "build/tests"), "--prefix", str(checkout / "installed")], checkout)
    run(["cmake", "-S", ".", "-B", "build", "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={checkout}/installed"], checkout)
    run(["cmake", "--build", "build"], checkout)
    assert re.fullmatch(r"[a-zA-Z ,'-]+ 0\.\d+\n", run(["build/app"], checkout))


def test_config_block(checkout: Path) -> None:
    (block,) = blocks("conf")
    (checkout / "config.txt").write_text(block)
    assert run(["ppinfer", "config", "check", "config.txt"], checkout) == "ok\n"


def test_records_have_the_shape_of_those_shown(checkout: Path) -> None:
    (block,) = blocks("json")
    shown = [json.loads(line) for line in block.splitlines()]
    (checkout / "cut.jpg").write_bytes(b"\xff\xd8\xff")
    photo = next(iter(sorted((MODELS / "sample_photos").glob("*.jpg"))))
    command = "clas_system -c models/efficientnet_lite0/config.txt --format jsonl"
    script = f"{command} {photo} cut.jpg || [ $? -eq 1 ]"
    seen = [json.loads(line) for line in run(["bash", "-c", script], checkout).splitlines()]
    assert [list(record) for record in seen] == [list(record) for record in shown]
    assert list(seen[1]["error"]) == list(shown[1]["error"])


def test_files_that_are_named_exist() -> None:
    for link in re.findall(r"\]\(([^)]+)\)", README):
        assert (ROOT / link).exists(), link
    for path in re.findall(r"`(?:python )?((?:tests|tools|cpp|python|configs)/[\w/.]*)", README):
        assert (ROOT / path).exists(), path
