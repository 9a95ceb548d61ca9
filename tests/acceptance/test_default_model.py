"""The made model's folder: complete, consistent, and nothing of the machine that made it."""

import shutil
from pathlib import Path

import pytest
import yaml

from recipes import known_answers
from recipes.failure import RecipeError


@pytest.fixture(params=["lite0", "lite0_pir"])
def model(request: pytest.FixtureRequest) -> Path:
    return request.getfixturevalue(request.param)


def test_the_folder_is_whole(model: Path) -> None:
    program = "inference.json" if model.name.endswith("_pir") else "inference.pdmodel"
    expected = {program, "inference.pdiparams", "inference.yml", "labels.txt", "config.txt"}
    assert {path.name for path in model.iterdir()} == expected
    names = yaml.safe_load((model / "inference.yml").read_text(encoding="utf-8"))["PostProcess"]["Topk"]["label_list"]
    lines = (model / "labels.txt").read_text(encoding="utf-8").splitlines()
    assert lines == [f"{class_id} {name}" for class_id, name in enumerate(names)]
    assert (len(names), names[282], names[967]) == (1000, "tiger cat", "espresso")
    for file in expected - {"inference.pdiparams"}:
        assert b".py" not in (model / file).read_bytes(), f"{file} tells where it was made"


def test_the_check_passes_it_and_no_other(model: Path, tmp_path: Path) -> None:
    known_answers.check(model)
    for file in model.iterdir():
        shutil.copy(file, tmp_path)
    params = (tmp_path / "inference.pdiparams").read_bytes()
    (tmp_path / "inference.pdiparams").write_bytes(params[:-1_000_000] + bytes(1_000_000))  # within the last layer
    with pytest.raises(RecipeError, match="isn't the one expected"):
        known_answers.check(tmp_path)


def test_a_model_that_paddle_cant_run_is_said_in_a_line(lite0: Path, tmp_path: Path) -> None:
    shutil.copy(lite0 / "inference.pdmodel", tmp_path)
    (tmp_path / "inference.pdiparams").write_bytes(b"cut")
    with pytest.raises(RecipeError, match=r"^Paddle can't run the exported model: [^\n]+$"):
        known_answers.check(tmp_path)
