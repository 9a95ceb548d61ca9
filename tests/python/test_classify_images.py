"""What `ppinfer classify` does with the images: sorts them into folders of their classes, moves bad ones away."""

import fcntl
import json
import os

from typer.testing import CliRunner

import ppinfer
from classify_runs import interrupted, run
from conftest import CLASSES
from ppinfer.commands import app
from ppinfer.outputs import sorting


def test_sorted_and_moved(config_path, photo_folder, tmp_path):
    folder = photo_folder(20)
    (folder / "004.png").write_bytes(b"nonsense")
    places = ["--sort-into", tmp_path / "sorted", "--by", "hardlink", "--move-errors", tmp_path / "bad"]
    done = run("-c", config_path, *places, "--output", tmp_path / "r.csv", folder)
    assert done.returncode == 1
    assert f"; 19 images sorted into {tmp_path / 'sorted'}; 1 bad image moved into {tmp_path / 'bad'}\n" in done.stderr
    for index in range(20):
        if index != 4:
            assert (tmp_path / f"sorted/class {index % CLASSES}/{index:03}.png").samefile(folder / f"{index:03}.png")
    assert (tmp_path / "bad/004.png").read_bytes() == b"nonsense"
    assert not (folder / "004.png").exists()
    assert "004.png,error," in (tmp_path / "r.csv").read_text()
    assert sorted(os.listdir(tmp_path)) == ["bad", "model", "photos", "r.csv", "sorted"]


def test_what_stays_of_bad_images_is_said(config_path, photo_folder, tmp_path, monkeypatch):
    folder, bad = photo_folder(20), tmp_path / "bad"
    for index in range(14):
        (folder / f"{index:03}.png").write_bytes(b"nonsense")
    (folder / "015.png").unlink()
    (folder / "015.png").symlink_to("nowhere")  # a drive that is away, say

    def refuse(source, folder):
        if not source.endswith("/003.png"):
            raise ppinfer.RuntimeFailure(f"cannot move {source} into {folder}: Permission denied")
        return move(source, folder)

    move = sorting.move
    monkeypatch.setattr(sorting, "move", refuse)
    arguments = [
        "-c",
        config_path,
        "--move-errors",
        bad,
        "--log-json",
        tmp_path / "log",
        "--output",
        tmp_path / "r.csv",
    ]
    done = CliRunner().invoke(app, ["classify", *map(str, [*arguments, folder])])
    assert done.exit_code == 1, done.output
    assert f"; 1 bad image moved into {bad}, 14 not moved: 13 can't be moved, 1 failed at read\n" in done.stderr
    told = [line for line in done.stderr.splitlines() if "move" in line][:11]
    assert told[0] == f"ppinfer: cannot move {folder}/000.png into {bad}: Permission denied"
    assert told[9:] == [
        f"ppinfer: cannot move {folder}/010.png into {bad}: Permission denied",
        "ppinfer: 3 more bad images can't be moved",
    ]
    end = json.loads((tmp_path / "log").read_text().splitlines()[-1])
    assert (end["moved"], end["stayed"]) == (1, {"can't be moved": 13, "failed at read": 1})
    assert sorted(os.listdir(tmp_path)) == ["bad", "log", "model", "photos", "r.csv"]
    again = CliRunner().invoke(app, ["classify", *map(str, [*arguments, folder])])
    assert again.exit_code == 1, again.output
    assert "14 not moved" in again.stderr


def test_a_list_that_names_sorted_images(config_path, photo_folder, tmp_path):
    photo_folder(4)
    arguments = ["-c", config_path, "--sort-into", "sorted", "--by", "hardlink", "--output", "r.csv"]
    assert run(*arguments, "photos", cwd=tmp_path).returncode == 0
    sorted_once = sorted(path.name for path in (tmp_path / "sorted").rglob("*.png"))
    done = run(*arguments, "--list", "-", input="sorted/class 1\n", cwd=tmp_path)
    assert done.returncode == 2
    assert (
        "sorted/class 1/001.png lies in sorted, which images are sorted into: it would be put there twice"
        in done.stderr
    )
    assert sorted(path.name for path in (tmp_path / "sorted").rglob("*.png")) == sorted_once


def test_force_beside_a_run_leaves_its_moves(config_path, photo_folder, tmp_path):
    folder = photo_folder(20)
    for index in range(10):
        (folder / f"{index:03}.png").write_bytes(b"nonsense")
    arguments = ["-c", config_path, "-o", "lanes=1", "--output", tmp_path / "r.jsonl"]
    assert run(*arguments, "--max-errors", 5, "--move-errors", tmp_path / "bad", folder).returncode == 3
    noted = (tmp_path / "r.jsonl.moves").read_bytes()
    with open(tmp_path / "r.jsonl.manifest") as manifest:
        fcntl.flock(manifest, fcntl.LOCK_EX)
        for more in ([], ["--move-errors", tmp_path / "bad"]):
            done = run(*arguments, "--force", *more, folder)
            assert (done.returncode, "is being written by another run" in done.stderr) == (2, True)
            assert (tmp_path / "r.jsonl.moves").read_bytes() == noted
    done = run(*arguments, "--force", "--move-errors", tmp_path / "bad", folder)
    assert "10 bad images moved into" in done.stderr
    assert not (tmp_path / "r.jsonl.moves").exists()


def test_moved_only_when_all_is_done(slow_config, photo_folder, tmp_path):
    folder = photo_folder(200)
    for index in (1, 2, 199):
        (folder / f"{index:03}.png").write_bytes(b"nonsense")
    arguments = [
        "-c",
        slow_config,
        "-o",
        "lanes=2",
        "--move-errors",
        tmp_path / "bad",
        "--output",
        tmp_path / "r.jsonl",
    ]
    code, _ = interrupted([*arguments, folder], tmp_path / "r.jsonl.part")
    assert code == 130
    assert (folder / "001.png").exists()
    assert (tmp_path / "r.jsonl.moves").exists()
    done = run(*arguments, "--resume", folder)
    assert done.returncode == 1, done.stderr
    assert "3 bad images moved into" in done.stderr
    assert sorted(os.listdir(tmp_path / "bad")) == ["001.png", "002.png", "199.png"]
    assert (tmp_path / "r.jsonl").read_bytes().count(b"\n") == 200
    assert not (tmp_path / "r.jsonl.moves").exists()


def test_a_resumed_run_has_to_sort_as_before(config_path, photo_folder, tmp_path):
    """The images before would be left where they are, and nobody would be told."""
    folder = photo_folder(40)
    for index in range(10):
        (folder / f"{index:03}.png").write_bytes(b"nonsense")
    arguments = ["-c", config_path, "-o", "lanes=1", "--output", tmp_path / "r.jsonl"]
    assert run(*arguments, "--max-errors", 5, "--move-errors", tmp_path / "bad", folder).returncode == 3
    done = run(*arguments, "--resume", "--sort-into", tmp_path / "sorted", folder)
    assert done.returncode == 2
    assert f"sort_into is {tmp_path / 'sorted'}, was not set" in done.stderr
    assert f"move_errors is not set, was {tmp_path / 'bad'}" in done.stderr
    assert (tmp_path / "r.jsonl.moves").exists()
    assert run(*arguments, "--force", folder).returncode == 1
    assert (folder / "001.png").exists()
    done = run(*arguments, "--force", "--move-errors", tmp_path / "bad", "--exclude", "001.png", folder)
    assert "9 bad images moved" in done.stderr, "of this run, not of the one before"
    assert (folder / "001.png").exists()
    assert not (tmp_path / "r.jsonl.moves").exists()
