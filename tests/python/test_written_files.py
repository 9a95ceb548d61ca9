"""Files that options name to be written are refused before the work, by the same rule for every option."""

import os
from pathlib import Path

import pytest

from conftest import png
from ppinfer import Error
from ppinfer.commands.written_file import check_written_files

OPTIONS = ("--json", "--html", "--output", "--plot")


def refused(files: dict[str, str | None], **rules: object) -> str:
    with pytest.raises(Error) as error:
        check_written_files(files, **rules)
    return str(error.value)


@pytest.mark.parametrize("option", OPTIONS)
def test_places_where_nothing_can_be_written(tmp_path, monkeypatch, option):
    monkeypatch.chdir(tmp_path)
    Path("folder.x").mkdir()
    assert refused({option: "no/a.x"}) == f"{option} no/a.x: no such folder: no"
    assert refused({option: "folder.x"}) == f"{option} folder.x: is a folder, expected a file"
    assert refused({option: "/dev/null"}, replaced=(option,)) == f"{option} /dev/null: is not a regular file"
    check_written_files({option: "/dev/null"})
    check_written_files({option: "new.x"})
    check_written_files({option: None})
    check_written_files({option: "-"})


@pytest.mark.parametrize("option", [option for option in OPTIONS if option != "--plot"])
@pytest.mark.parametrize("name", ["photo.png", "photo.dat", "link", "model.onnx", "photos.tar"])
def test_inputs_are_not_overwritten(tmp_path, monkeypatch, option, name):
    """By their names, and where they are there, by their content."""
    monkeypatch.chdir(tmp_path)
    Path("photo.dat").write_bytes(png(1))
    Path("link").symlink_to("photo.dat")
    assert refused({option: name}).startswith(f"{option} {name}: that is ")


def test_two_options_need_two_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("b").symlink_to("a")
    files = {"--output": "a", "--plot": None, "--json": "b"}
    assert refused(files) == "--json b: --output writes to the same file; give one of them another name"
    check_written_files({**files, "--json": "-"})


def test_permission_of_the_file_or_of_its_folder(tmp_path, monkeypatch):
    """A file that is replaced needs a folder that can be written into, whatever the file's own mode."""
    file = tmp_path / "a.x"
    file.touch()
    for denied, replaced in ((file, ()), (tmp_path, ("--output",))):
        monkeypatch.setattr(os, "access", lambda path, mode, denied=denied: str(path) != str(denied))
        assert refused({"--output": str(file)}, replaced=replaced).endswith("can't be written: permission denied")
        check_written_files({"--output": str(file)}, replaced=() if replaced else ("--output",))
