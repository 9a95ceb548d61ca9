"""What `ppinfer classify` does with the images: sorts them into folders of their classes, moves bad ones away."""

import json
import os
import subprocess
import tarfile

import pytest

from classify_runs import interrupted, run
from conftest import CLASSES, SCRIPTS, png


@pytest.mark.parametrize("program", [["ppinfer", "classify"], ["clas_system"]], ids=["ppinfer", "clas_system"])
def test_sorted_and_moved(config_path, photo_folder, tmp_path, program):
    folder = photo_folder(20)
    (folder / "004.png").write_bytes(b"nonsense")
    places = ["--sort-into", tmp_path / "sorted", "--by", "hardlink", "--move-errors", tmp_path / "bad"]
    command = [SCRIPTS / program[0], *program[1:], "-c", config_path, *places, "--output", tmp_path / "r.csv", folder]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    assert done.returncode == 1
    assert f"; 19 images sorted into {tmp_path / 'sorted'}; 1 bad image moved into {tmp_path / 'bad'}\n" in done.stderr
    for index in range(20):
        if index != 4:
            assert (tmp_path / f"sorted/class {index % CLASSES}/{index:03}.png").samefile(folder / f"{index:03}.png")
    assert (tmp_path / "bad/004.png").read_bytes() == b"nonsense"
    assert not (folder / "004.png").exists()
    assert "004.png,error," in (tmp_path / "r.csv").read_text()
    assert sorted(os.listdir(tmp_path)) == ["bad", "model", "photos", "r.csv", "sorted"]


@pytest.mark.parametrize("way", ["copy", "hardlink", "symlink"])
def test_members_of_archives_and_what_came_from_a_pipe(config_path, photo_folder, tmp_path, way):
    """A member is copied in any case; an image from a pipe can't be, and no file is taken for it."""
    folder = photo_folder(10)
    with tarfile.open(tmp_path / "shard.tar.gz", "w:gz") as archive:
        archive.add(folder, "photos")
    (tmp_path / "-").write_bytes(png(1))
    arguments = ["-c", config_path, "--sort-into", "sorted", "--by", way, "shard.tar.gz", "-", "photos/003.png"]
    for time in range(2):
        command = [SCRIPTS / "ppinfer", "classify", *arguments]
        done = subprocess.run(command, input=png(1), capture_output=True, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert b"; 11 images sorted into sorted (1 not there any more)\n" in done.stderr, time
    found = sorted((tmp_path / "sorted").rglob("*.png"))
    members = {path.name: path for path in found if path.stat().st_nlink == 1 and not path.is_symlink()}
    assert {name: path.read_bytes() for name, path in members.items()} == {
        f"{index:03}.png": (folder / f"{index:03}.png").read_bytes() for index in range(10)
    }
    assert all(path.parent.name == f"class {int(name[:3]) % CLASSES}" for name, path in members.items())
    assert len(found) == (10 if way == "copy" else 11), "a copy of the same content is the copy"


def test_what_stays_of_bad_images_is_said(config_path, photo_folder, tmp_path):
    folder, bad = photo_folder(20), tmp_path / "bad"
    for index in range(14):
        (folder / f"{index:03}.png").write_bytes(b"nonsense")
    (folder / "015.png").unlink()
    (folder / "015.png").symlink_to("nowhere")  # a drive that is away, say
    bad.write_bytes(b"a file, which can't hold others")
    log, records = tmp_path / "log", tmp_path / "r.csv"
    done = run("-c", config_path, "--move-errors", bad, "--log-json", log, "--output", records, folder)
    assert done.returncode == 1, done.stderr
    assert f"; 0 bad images moved into {bad}, 15 not moved: 14 can't be moved, 1 failed at read\n" in done.stderr
    told = [line for line in done.stderr.splitlines() if "move" in line][:11]
    assert told[0] == f"ppinfer: cannot move {folder}/000.png into {bad}: Not a directory"
    assert told[9:] == [
        f"ppinfer: cannot move {folder}/009.png into {bad}: Not a directory",
        "ppinfer: 4 more bad images can't be moved",
    ]
    end = json.loads(log.read_text().splitlines()[-1])
    assert (end["moved"], end["stayed"]) == (0, {"can't be moved": 14, "failed at read": 1})
    assert sorted(os.listdir(tmp_path)) == ["bad", "log", "model", "photos", "r.csv"]


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
    done = run(*arguments, "--resume", folder)
    assert done.returncode == 1, done.stderr
    assert "3 bad images moved into" in done.stderr
    assert sorted(os.listdir(tmp_path / "bad")) == ["001.png", "002.png", "199.png"]
    assert (tmp_path / "r.jsonl").read_bytes().count(b"\n") == 200


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
    assert run(*arguments, "--force", folder).returncode == 1
    assert (folder / "001.png").exists()
    done = run(*arguments, "--force", "--move-errors", tmp_path / "bad", "--exclude", "001.png", folder)
    assert "9 bad images moved" in done.stderr, "of this run, not of the one before"
    assert (folder / "001.png").exists()
