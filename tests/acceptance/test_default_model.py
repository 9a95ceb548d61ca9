"""The made model's folder: complete, consistent, and nothing of the machine that made it."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from conftest import LabelledPhotos
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


def test_the_answers_are_the_known_ones(model: Path, foolbox_photos: LabelledPhotos, reference_scores) -> None:
    scores = reference_scores(model, foolbox_photos.paths)
    by_name = {Path(path).name: row for path, row in zip(foolbox_photos.paths, scores, strict=True)}
    known_answers.judge(by_name)
    with pytest.raises(RecipeError, match="it names 0 of 20 photos rightly"):
        known_answers.judge({name: np.roll(row, 1) for name, row in by_name.items()})
