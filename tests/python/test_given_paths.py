"""A run is refused only where nothing is at any of its paths, as the walk itself sees them."""

import pytest

from conftest import png
from ppinfer import ConfigError, InputSelection


@pytest.fixture(autouse=True)
def _world(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder in ("hidden", "photos", "empty"):
        (tmp_path / folder).mkdir()
    (tmp_path / "hidden/.cat.png").write_bytes(png(1))
    (tmp_path / "photos/cat.png").write_bytes(png(1))
    (tmp_path / "broken.png").symlink_to("gone.png")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "a.tar").write_bytes(b"nonsense")


@pytest.mark.parametrize(
    "selection",
    [
        {"paths": ("hidden/*",), "hidden": True},
        {"paths": ("gone", "photos"), "shard": (2, 2)},
        {"paths": ("photos/*",), "include": ("*.jpg",)},
        {"paths": ("photos/*",), "exclude": ("cat.*",)},
        {"paths": ("emp*",)},
        {"paths": ("empty",)},
        {"paths": ("broken.png",)},
        {"paths": ("a.tar::cat.png",)},
        {"paths": ("gone",), "list_path": "-"},
    ],
)
def test_something_is_there(selection):
    InputSelection(**selection).check_any_is_there()


@pytest.mark.parametrize(
    ("paths", "reasons"),
    [
        (("gone",), ["gone: no such file"]),
        (("gone.tar::cat.png", "a\0"), ["gone.tar::cat.png: no such file", r"a\x00: no such file"]),
        (("gone/*.png", "photos/*.jpg"), ["gone/*.png: no such file, and no match", "photos/*.jpg: no such file"]),
        (("loop/cat.png",), ["loop/cat.png: a symbolic link that leads back to the same link"]),
        (("photos/cat.png/dog.png",), ["photos/cat.png/dog.png: a part of the path is not a folder"]),
    ],
)
def test_nothing_is_there(paths, reasons):
    with pytest.raises(ConfigError) as refusal:
        InputSelection(paths=paths).check_any_is_there()
    *problems, last = refusal.value.problems
    assert last == "nothing to classify: nothing is written"
    for problem, expected in zip(problems, reasons, strict=True):
        assert problem.startswith(expected)
