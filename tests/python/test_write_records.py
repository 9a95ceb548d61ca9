"""Predictor.write_records: formats by the output's ending, runs that are resumed, errors apart and limited."""

import json
import os

import pyarrow.parquet as pq
import pytest

import ppinfer
from conftest import png, write_config
from ppinfer import Predictor, _core


@pytest.fixture
def slow_predictor(tmp_path):
    with Predictor(write_config(tmp_path / "slow", model="delay_ms 5"), lanes=2) as opened:
        yield opened


class StopError(Exception):
    """What on_progress raises."""


def stop_after(images):
    def on_progress(done, errors):
        if done >= images:
            raise StopError

    return on_progress


def test_format_by_ending(predictor, photo_folder, tmp_path):
    folder = photo_folder(4)
    for name in ("r", "r.jsonl"):
        predictor.write_records(folder, tmp_path / name)
        assert len([json.loads(line) for line in (tmp_path / name).read_text().splitlines()]) == 4
    predictor.write_records(folder, tmp_path / "r.parquet")
    assert pq.read_table(tmp_path / "r.parquet").num_rows == 4
    predictor.write_records(folder, tmp_path / "r.parquet", format="text")
    assert (tmp_path / "r.parquet").read_text().count("\n") == 4


@pytest.mark.parametrize("name", ["r.jsonl", "r.csv", "r.parquet"])
def test_a_stopped_run_is_resumed(slow_predictor, photo_folder, tmp_path, name):
    folder = photo_folder(150)
    (folder / "003.png").write_bytes(b"nonsense")
    output, whole = tmp_path / name, tmp_path / f"whole-{name}"
    slow_predictor.write_records(folder, whole)
    with pytest.raises(StopError):
        slow_predictor.write_records(folder, output, on_progress=stop_after(40))
    assert not output.exists()
    with pytest.raises(ppinfer.ConfigError, match=f"of a stopped run are in .*{name}.part"):
        slow_predictor.write_records(folder, output)
    seen = []
    summary = slow_predictor.write_records(folder, output, resume=True, on_progress=lambda *so_far: seen.append(so_far))
    assert summary.ended == "complete"
    assert (summary.images_in_all, summary.errors_in_all) == (150, 1)
    assert summary.done_before > 0
    assert summary.images == 150 - summary.done_before
    assert seen[0][0] >= summary.done_before
    if name == "r.parquet":
        assert pq.read_table(output).equals(pq.read_table(whole))
    else:
        assert output.read_bytes() == whole.read_bytes()
    assert sorted(path.name for path in tmp_path.glob("r.*")) == [name]


def test_another_config_or_format_is_refused(slow_predictor, photo_folder, tmp_path):
    folder, output = photo_folder(100), tmp_path / "r.parquet"
    with pytest.raises(StopError):
        slow_predictor.write_records(folder, output, on_progress=stop_after(20))
    config = tmp_path / "slow/config.txt"
    with Predictor(config, topk=2) as other, pytest.raises(ppinfer.ConfigError, match="topk"):
        other.write_records(folder, output, resume=True)
    with pytest.raises(ppinfer.ConfigError, match="format"):
        slow_predictor.write_records(folder, output, format="csv", resume=True)
    assert slow_predictor.write_records(folder, output, force=True).done_before == 0
    assert pq.read_table(output).num_rows == 100


def test_a_limit_on_errors(predictor, photo_folder, tmp_path):
    folder = photo_folder(120)
    for index in range(30, 60):
        (folder / f"{index:03}.png").write_bytes(b"nonsense")
    errors = tmp_path / "bad.jsonl"
    summary = predictor.write_records(folder, tmp_path / "r.parquet", max_errors="20%", errors=errors)
    assert summary.ended == "max_errors"
    summary = predictor.write_records(folder, tmp_path / "r.parquet", max_errors=30, errors=errors, resume=True)
    assert (summary.ended, summary.errors_in_all) == ("complete", 30)
    bad = [json.loads(line)["path"] for line in errors.read_text().splitlines()]
    assert bad == [str(folder / f"{index:03}.png") for index in range(30, 60)]


def test_errors_apart_from_the_rows_of_an_array(config_path, photo_folder, tmp_path):
    config_path.write_text(config_path.read_text().replace("label_path labels.txt\n", "postprocess embedding\n"))
    with (
        Predictor(config_path) as vectors,
        pytest.raises(ppinfer.ConfigError, match=r"v\.npy uses this file for the paths"),
    ):
        vectors.write_records(photo_folder(1), tmp_path / "v.npy", errors=tmp_path / "v.npy.jsonl")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model", "photos"]


def test_what_is_selected(predictor, tmp_path):
    for name in ("a.png", "b.png", ".c.png", "d/e.png"):
        path = tmp_path / "photos" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(png(1))

    def names(**options):
        predictor.write_records(tmp_path / "photos", tmp_path / "r.parquet", **options)
        rows = pq.read_table(tmp_path / "r.parquet").to_pylist()
        return [os.path.relpath(row["path"], tmp_path / "photos") for row in rows]

    assert names() == ["a.png", "b.png", "d/e.png"]
    assert names(hidden=True, exclude=["d/"]) == [".c.png", "a.png", "b.png"]
    assert sorted(names(shard=(1, 2)) + names(shard=(2, 2))) == names()


@pytest.mark.parametrize("limit", ["", "-1", "1.5", "-1%", "101%", "nan%", -3])
def test_wrong_limits(limit):
    with pytest.raises(ppinfer.ConfigError, match=r"max errors .*: expected a number of images, such as 100"):
        _core.RunOptions("out", max_errors=limit)


def test_a_mistyped_folder_costs_no_earlier_records(predictor, photo_folder, tmp_path, capfd):
    (tmp_path / "r.jsonl").write_text("earlier")
    with pytest.raises(ppinfer.ConfigError, match=r"fotos: no such file\nnothing to classify: nothing is written$"):
        predictor.write_records([tmp_path / "fotos"], tmp_path / "r.jsonl")
    assert (tmp_path / "r.jsonl").read_text() == "earlier"
    assert predictor.write_records([tmp_path / "fotos", photo_folder(1)], tmp_path / "r.jsonl").errors == 1
    assert predictor.write_records(tmp_path / "fotos", "-", format="text").errors == 1  # costs nothing
    assert "no such file" in capfd.readouterr().out


def test_an_output_that_must_be_an_input_is_refused(predictor, photo_folder, tmp_path):
    folder = photo_folder(2)
    (tmp_path / "list.txt").write_text(f"{folder}/000.png\n")
    (tmp_path / "s1.tar").write_bytes(b"a shard")
    for name, meant in {
        "s1.tar": "an archive's name",
        "000.png": "an image's name",
        "list.txt": "the list of images",
    }.items():
        path = (folder if name == "000.png" else tmp_path) / name
        before = path.read_bytes()
        for given in ({"output": path}, {"output": tmp_path / "r.jsonl", "errors": path}):
            with pytest.raises(ppinfer.ConfigError, match=f"{name}: that is {meant}, expected a file to write"):
                predictor.write_records(folder, **given, format="jsonl", list_path=tmp_path / "list.txt")
        assert path.read_bytes() == before
