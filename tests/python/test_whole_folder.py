"""Folders that are put in their place in one go."""

import os
from pathlib import Path

import pytest

from ppinfer.whole_folder import whole_folder


def filled(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "file").write_text(text)
    return folder


def test_it_takes_the_place_of_what_was_there(tmp_path):
    for place in ("deep/new", "empty", "old"):
        out = tmp_path / place
        if place != "deep/new":
            out.mkdir()
        if place == "old":
            (out / "other").write_text("")
        with whole_folder(out) as made:
            (made / "file").write_text(place)
            assert not (out / "file").exists()
        assert os.listdir(out) == ["file"]
        assert (out.stat().st_mode & 0o777) == 0o777 & ~umask()
    assert sorted(os.listdir(tmp_path)) == ["deep", "empty", "old"]


def umask() -> int:
    value = os.umask(0)
    os.umask(value)
    return value


@pytest.mark.parametrize("error", [KeyboardInterrupt("pressed"), OSError("disk full")])
@pytest.mark.parametrize("moved", [0, 1])
def test_what_goes_wrong_between_the_two_moves_changes_nothing(tmp_path, monkeypatch, error, moved):
    out = filled(tmp_path / "out", "old")
    rename, calls = os.rename, []

    def fails(source, target):
        calls.append(source)
        if len(calls) == moved + 1:
            raise error
        rename(source, target)

    def fill() -> None:
        with whole_folder(out) as made:
            (made / "file").write_text("new")
            monkeypatch.setattr(os, "rename", fails)

    with pytest.raises(type(error), match=str(error)):
        fill()
    assert (out / "file").read_text() == "old"
    assert os.listdir(tmp_path) == ["out"]
