"""ppinfer.Predictor over folders: results, and records written to a file."""

import json
import os
from pathlib import Path

import pytest

import ppinfer
from conftest import CLASSES, png, top, write_config
from ppinfer import Predictor


def test_folder_in_order_with_bad_files_in_their_places(predictor, photo_folder):
    folder = photo_folder(20)
    (folder / "007.png").write_bytes(b"nonsense")
    (folder / "notes.txt").write_text("no image")
    seen = []
    results = predictor.classify_folder(folder, on_result=seen.append)
    assert seen == results
    assert [result.path for result in results] == [str(folder / f"{i:03}.png") for i in range(20)]
    assert [i for i, result in enumerate(results) if result.status == "error"] == [7]
    assert [top(result) for i, result in enumerate(results) if i != 7] == [i % CLASSES for i in range(20) if i != 7]


def test_folder_callbacks_exception_stops_the_run(predictor, photo_folder):
    raised = RuntimeError("enough")

    def on_result(result):
        raise raised

    with pytest.raises(RuntimeError, match="enough") as caught:
        predictor.classify_folder(photo_folder(20), on_result=on_result)
    assert caught.value is raised


def test_no_folder(predictor, tmp_path):
    with pytest.raises(NotADirectoryError, match="nowhere"):
        predictor.classify_folder(tmp_path / "nowhere")


def test_names_that_are_not_utf8_come_back_as_they_were(predictor, tmp_path):
    name = os.fsencode(tmp_path) + b"/caf\xe9 \n.png"
    Path(os.fsdecode(name)).write_bytes(png(4))
    result = predictor.predict(os.fsdecode(name))
    assert top(result) == 4
    assert os.fsencode(result.path) == name
    (found,) = predictor.classify_folder(tmp_path)[-1:]
    assert os.fsencode(found.path) == name


def test_records_are_what_results_are(predictor, photo_folder, tmp_path):
    folder = photo_folder(30)
    (folder / "003.png").write_bytes(b"")
    (folder / "notes.txt").write_text("no image")
    output = tmp_path / "records.jsonl"
    summary = predictor.write_records(folder, output)
    lines = output.read_bytes().decode().splitlines()
    with pytest.warns(UserWarning, match=r"1 file skipped: 1 not an image \(1 \.txt\)"):
        results = predictor.classify_folder(folder)
    assert [json.loads(line) for line in lines] == [result.to_dict() for result in results]
    assert (summary.images, summary.errors, summary.skipped, summary.not_images) == (30, 1, 1, {".txt": 1})
    assert summary.wall_s > 0
    assert summary.images_per_s == pytest.approx(30 / summary.wall_s)
    assert set(summary.stage_s) == {"read", "decode", "preprocess", "infer", "postprocess", "write"}
    assert summary.stage_s["decode"] > 0


def test_records_of_several_paths_and_progress(tmp_path, photo_folder):
    folder = photo_folder(40)
    seen = []
    with Predictor(write_config(tmp_path / "m", model="delay_ms 10"), lanes=1) as predictor:
        summary = predictor.write_records(
            [folder / "005.png", folder],
            tmp_path / "out.csv",
            format="csv",
            on_progress=lambda *done: seen.append(done),
        )
    assert summary.images == 41
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 42
    assert len(seen) >= 2
    assert seen == sorted(seen)
    assert seen[-1][0] <= 41


def test_records_that_cannot_be_written(predictor, photo_folder, tmp_path):
    folder = photo_folder(2)
    with pytest.raises(ppinfer.RuntimeFailure, match="nowhere"):
        predictor.write_records(folder, tmp_path / "nowhere" / "records.jsonl")
    with pytest.raises(ppinfer.RuntimeFailure, match="No space left"):
        predictor.write_records(folder, "/dev/full")
    with pytest.raises(ppinfer.ConfigError, match="jsonl"):
        predictor.write_records(folder, tmp_path / "r", format="xml")
