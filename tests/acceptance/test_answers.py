"""The answers are right: against a plain pipeline, against the labels, engine against engine, door against door."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

from conftest import LabelledPhotos, program
from ppinfer import Predictor

ENGINES = ("openvino", "paddle")
# Debian's OpenCV resizes bicubic with its own code, pip's with IPP: 1 level apart in some 3 % of the pixels.
SCORE_TOLERANCE_AGAINST_PLAIN_PIPELINE = 1e-3
SCORE_TOLERANCE_BETWEEN_ENGINES = 1e-4


def all_scores(model: Path, paths: list[str], **config: object) -> np.ndarray:
    """Scores [images, classes] in class order."""
    with Predictor(model_dir=model, topk=1000, **config) as predictor:
        results = predictor.predict(paths)
    rows = np.zeros((len(paths), 1000), np.float32)
    for row, result in zip(rows, results, strict=True):
        assert result.status == "ok", result
        row[list(result.class_ids)] = result.scores
    return rows


def top1_right(scores: np.ndarray, photos: LabelledPhotos) -> int:
    return int((scores.argmax(1) == np.array(photos.class_ids)).sum())


@pytest.mark.parametrize("photos", ["foolbox_photos", "imagenet_sample"])
def test_same_answers_as_a_plain_pipeline(
    photos: str, lite0: Path, reference_scores, request: pytest.FixtureRequest
) -> None:
    labelled: LabelledPhotos = request.getfixturevalue(photos)
    expected = reference_scores(lite0, labelled.paths)
    got = {engine: all_scores(lite0, labelled.paths, engine=engine) for engine in ENGINES}
    for engine, scores in got.items():
        same = int((scores.argmax(1) == expected.argmax(1)).sum())
        difference = float(np.abs(scores - expected).max())
        print(
            f"{photos}, {engine}: top-1 right {top1_right(scores, labelled)}/{len(scores)}, "
            f"same top-1 as the plain pipeline {same}/{len(scores)}, largest score difference {difference:.2g}"
        )
        assert top1_right(scores, labelled) >= 0.88 * len(scores)
        assert same >= 0.995 * len(scores)
        assert difference <= SCORE_TOLERANCE_AGAINST_PLAIN_PIPELINE
    between = float(np.abs(got["openvino"] - got["paddle"]).max())
    print(f"{photos}: largest score difference between the engines {between:.2g}")
    assert between <= SCORE_TOLERANCE_BETWEEN_ENGINES


@pytest.mark.parametrize("engine", ENGINES)
def test_all_three_doors_give_the_same_records(
    engine: str, lite0: Path, foolbox_photos: LabelledPhotos, clas_system: str, tmp_path: Path
) -> None:
    config = str(lite0 / "config.txt")
    bad = tmp_path / "not an image.jpg"
    bad.write_text("hello")
    paths = [*foolbox_photos.paths, str(bad), str(tmp_path / "missing.jpg")]
    arguments = ["-c", config, "-o", f"engine={engine}", "--format", "jsonl"]
    by_binary = subprocess.run([clas_system, *arguments, *paths], capture_output=True, timeout=300)
    by_command = subprocess.run([program("ppinfer"), "classify", *arguments, *paths], capture_output=True, timeout=300)
    assert (by_binary.returncode, by_command.returncode) == (1, 1), (by_binary.stderr, by_command.stderr)
    assert by_binary.stdout == by_command.stdout
    with Predictor(config, engine=engine) as predictor:
        results = predictor.predict(paths)
    records = [json.loads(line) for line in by_binary.stdout.splitlines()]
    assert len(records) == len(results) == len(paths)
    for record, result in zip(records, results, strict=True):
        ours = result.to_dict()
        scores = (np.float32(record.pop("scores", [])), np.float32(ours.pop("scores", [])))
        assert np.array_equal(*scores)
        assert record == json.loads(json.dumps(ours))
