"""README.md and docs/: commands and code work, and give the output that is shown.

The blocks of a page run in order in one folder. A comment before a block changes this: `<!-- not run: REASON -->`, or
`<!-- exit code: N -->`. A block `text` behind a command shows lines of its output; numbers may differ.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from ppinfer import _core

ROOT = Path(__file__).resolve().parents[2]
MODELS = Path(os.environ.get("PPINFER_MODELS", ROOT / "models"))
TEST_MODELS = Path(os.environ.get("PPINFER_TEST_MODELS", ROOT / "models/tests"))
TINY_CLASSES = 10  # of tests/golden/make_engine_models.py
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"(?:<!-- ([^\n]*) -->\n)?^( *)```([\w+-]+)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    comment: str
    language: str
    text: str

    @property
    def runs(self) -> bool:
        return self.language in ("sh", "python") and not self.comment.startswith("not run: ")

    @property
    def exit_code(self) -> int:
        return int(self.comment.removeprefix("exit code: ")) if self.comment else 0


def blocks(page: Path) -> list[Block]:
    found = BLOCK.findall(page.read_text(encoding="utf-8"))
    return [
        Block(comment, language, re.sub(rf"^{indent}", "", text, flags=re.M))
        for comment, indent, language, text in found
    ]


def page_id(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder that has `models/`, as this one has after tools/demo, and may be written to."""
    (tmp_path / "models").symlink_to(MODELS)
    lite0 = MODELS / "efficientnet_lite0"
    (tmp_path / "my_model").symlink_to(lite0)
    (tmp_path / "my_pir_export").symlink_to(MODELS / "efficientnet_lite0_pir")
    (tmp_path / "my_photos").symlink_to(MODELS / "sample_photos")
    (tmp_path / "my_model.onnx").symlink_to(TEST_MODELS / "tiny.onnx")
    (tmp_path / "my_labels.txt").write_text("".join(f"class {i}\n" for i in range(TINY_CLASSES)))
    legacy = (ROOT / "configs/legacy_config.txt").read_text(encoding="utf-8")
    (tmp_path / "my_config.txt").write_text(legacy.replace("./inference/cls_infer", f"{lite0}/inference"))
    return tmp_path


def run(command: list[str], folder: Path, exit_code: int = 0) -> str:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=environment)
    assert done.returncode == exit_code, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def masked(text: str) -> list[str]:
    """Lines without the numbers that differ from run to run, and without the widths of a table."""
    lines = [re.sub(r"\d[\d.]*", "#", line) for line in text.splitlines()]
    return [" ".join(re.sub("[━─]+", "-", line).split()) for line in lines]


def command_of(block: Block) -> list[str]:
    if block.language == "python":
        return [sys.executable, "-c", block.text]
    text = block.text
    if "ppinfer quantize" in text:
        if "vnni" not in _core.cpu_features():
            pytest.skip("this CPU lacks VNNI, so that no engine computes in int8")
        text = text.replace("ppinfer quantize", "ppinfer quantize --min-agreement 0.5")  # these photos are too few
    return ["bash", "-euo", "pipefail", "-c", text]


@pytest.mark.parametrize("page", [page for page in PAGES if any(block.runs for block in blocks(page))], ids=page_id)
def test_blocks_run_and_give_what_is_shown(page: Path, checkout: Path) -> None:
    output = None
    for block in blocks(page):
        if block.language == "text" and output is not None:
            shown = [line for line in masked(block.text) if line != "..."]
            assert [line for line in shown if line not in output] == [], "\n".join(output)
        output = masked(run(command_of(block), checkout, block.exit_code)) if block.runs else None


def test_enough_is_tested() -> None:
    assert sum(block.runs for page in PAGES for block in blocks(page)) >= 30


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_files_that_are_named_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)|(?:src|srcset)=\"([^\"]+)\"", text):
        assert (page.parent / "".join(link)).exists(), link
    for path in re.findall(r"(?:`|^)(?:python )?((?:tests|tools|cpp|python|configs)/[\w/.]*)", text, re.MULTILINE):
        assert (ROOT / path).exists(), path


def test_demo_shows_predictions() -> None:
    *_, summary, _, next_step = masked(run([str(ROOT / "tools/demo")], ROOT))
    assert summary == "# images in # s: # images/s"
    assert next_step.startswith("Next: ")


def test_cpp_and_cmake_blocks(checkout: Path) -> None:
    page = {block.language: block.text for block in blocks(ROOT / "docs/reference/cpp.md")}
    (checkout / "main.cc").write_text(page["cpp"])
    start = "cmake_minimum_required(VERSION 3.24)\nproject(app LANGUAGES CXX)\nadd_executable(app main.cc)\n"
    (checkout / "CMakeLists.txt").write_text(start + page["cmake"])
    run(["cmake", "--install", str(ROOT / "build/tests"), "--prefix", str(checkout / "installed")], checkout)
    run(["cmake", "-S", ".", "-B", "build", "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={checkout}/installed"], checkout)
    run(["cmake", "--build", "build"], checkout)
    assert re.fullmatch(r"[a-zA-Z ,'-]+ 0\.\d+\n", run(["build/app"], checkout))


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_config_blocks(page: Path, checkout: Path) -> None:
    for block in blocks(page):
        if block.language == "properties":
            (checkout / "config.txt").write_text(block.text)
            assert run(["ppinfer", "config", "check", "config.txt"], checkout) == "ok\n"


def test_records_have_the_shape_of_those_shown(checkout: Path) -> None:
    (block,) = (block for block in blocks(ROOT / "docs/reference/records.md") if block.language == "json")
    shown = [json.loads(line) for line in block.text.splitlines()]
    (checkout / "cut.jpg").write_bytes(b"\xff\xd8\xff")
    photo = next(iter(sorted((MODELS / "sample_photos").glob("*.jpg"))))
    command = ["clas_system", "-qc", "models/efficientnet_lite0/config.txt", "--format", "jsonl", str(photo), "cut.jpg"]
    seen = [json.loads(line) for line in run(command, checkout, exit_code=1).splitlines()]
    assert [list(record) for record in seen] == [list(record) for record in shown]
    assert list(seen[1]["error"]) == list(shown[1]["error"])
