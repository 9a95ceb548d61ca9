"""model_cache_dir: what several users share, what may not be written, and what was damaged."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import ppinfer
from conftest import SCRIPTS
from made_models import model_folder, photos

NOBODY = 65534
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Classify with engine openvino and the cache in `cache`, without root's right to pass over permissions."""
    model = model_folder(tmp_path / "model", "tiny.pdmodel")
    images = photos(tmp_path / "photos", 3)
    (tmp_path / "cache").mkdir()
    if os.geteuid() == 0 and not shutil.which("setpriv"):
        pytest.skip("there is no setpriv to give up root's rights")
    dropped = "-dac_override,-dac_read_search"
    without_rights = ["setpriv", f"--bounding-set={dropped}", f"--inh-caps={dropped}"] if os.geteuid() == 0 else []
    keys = {"model_dir": model, "engine": "openvino", "model_cache_dir": tmp_path / "cache", "batch_size": 2}
    options = [part for key, value in keys.items() for part in ("-o", f"{key}={value}")]

    def classify(**settings: object) -> subprocess.CompletedProcess[str]:
        command = [*without_rights, str(SCRIPTS / "clas_system"), *options, "--format", "text", *images]
        return subprocess.run(command, capture_output=True, text=True, check=True, **settings)

    return classify


@pytest.fixture
def entries(run: Run, tmp_path: Path) -> list[Path]:
    """What one run has kept: a file for batches of two, and one for a single image."""
    run()
    made = sorted((tmp_path / "cache").iterdir())
    assert len(made) == 2
    return made


def notes(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [line for line in done.stderr.splitlines() if "model_cache_dir" in line]


def test_another_users_entries_are_used_in_a_folder_that_cannot_be_written(run, entries):
    expected = run().stdout
    if os.geteuid() == 0:
        for path in (*entries, entries[0].parent):
            os.chown(path, NOBODY, NOBODY)
    entries[0].parent.chmod(0o555)
    done = run()
    assert done.stdout == expected
    assert notes(done) == []  # which says that an entry was used: it couldn't have been kept


def test_a_folder_that_cannot_be_written_and_has_no_entry_is_a_note(run, tmp_path):
    expected = run().stdout
    for entry in (tmp_path / "cache").iterdir():
        entry.unlink()
    (tmp_path / "cache").chmod(0o555)
    done = run()
    assert done.stdout == expected
    (note,) = notes(done)
    assert f"model_cache_dir {tmp_path}/cache: " in note
    assert "Permission denied" in note


def test_an_entry_that_may_not_be_read_is_replaced(run, entries):
    if os.geteuid() != 0:
        pytest.skip("only root may give files to another user")
    entries[0].parent.chmod(0o777)
    for entry in entries:
        os.chown(entry, NOBODY, NOBODY)
        entry.chmod(0o600)
    done = run()
    assert len(notes(done)) == 2
    assert all("Permission denied" in note for note in notes(done))
    assert notes(run()) == []


def test_entries_follow_the_umask(run, tmp_path):
    run(umask=0o027)
    assert {entry.stat().st_mode & 0o777 for entry in (tmp_path / "cache").iterdir()} == {0o640}


# As a power failure leaves a file: its length is on the disk, some of its bytes aren't.
def test_an_entry_with_zeros_in_it_is_told_and_made_anew(run, entries):
    expected, whole = run(), [entry.read_bytes() for entry in entries]
    assert notes(expected) == []
    for entry, content in zip(entries, whole, strict=True):
        middle = len(content) // 3
        entry.write_bytes(content[:middle] + bytes(middle) + content[2 * middle :])
    done = run()
    assert done.stdout == expected.stdout
    assert [f"{entry} isn't used: it is damaged" in "".join(notes(done)) for entry in entries] == [True, True]
    assert notes(run()) == []


def test_a_full_disk_is_a_note(run, full_disk, tmp_path):
    expected = run().stdout
    (tmp_path / "cache").rename(tmp_path / "other")
    (tmp_path / "cache").symlink_to(full_disk)
    (full_disk / "filler").write_bytes(bytes(1 << 20))
    done = run()
    assert done.stdout == expected
    assert len(notes(done)) == 1
    assert "No space left on device" in notes(done)[0]
    assert [path.name for path in full_disk.iterdir()] == ["filler"]


def test_warmup_leaves_nothing_to_be_made_in_the_run(tmp_path):
    model = model_folder(tmp_path / "model", "tiny.pdmodel")
    keys = {"engine": "openvino", "model_cache_dir": str(tmp_path / "cache"), "batch_size": 4, "lanes": 2}
    with ppinfer.Predictor(model_dir=model, **keys, warmup=0) as predictor:
        assert len(list((tmp_path / "cache").iterdir())) == 1
        predictor.predict(photos(tmp_path / "photos", 1)[0])
    made = sorted((tmp_path / "cache").iterdir())
    assert len(made) == 2
    shutil.rmtree(tmp_path / "cache")
    with ppinfer.Predictor(model_dir=model, **keys):
        assert sorted((tmp_path / "cache").iterdir()) == made
