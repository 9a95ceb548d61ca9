"""A run is refused only where nothing is at any of its paths, as the walk itself sees them."""

import pytest

from conftest import png
from ppinfer import ConfigError, InputSelection


def test_the_walk_tells_what_a_pattern_finds(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden/.cat.png").write_bytes(png(1))
    (tmp_path / "broken.png").symlink_to("gone.png")
    (tmp_path / "a.tar").write_bytes(b"nonsense")
    assert InputSelection(paths=("hidden/*",), hidden=True).any_exists()
    assert InputSelection(paths=("gone", "hidden"), shard=(2, 2)).any_exists()
    assert InputSelection(paths=("broken.png",)).any_exists()
    assert InputSelection(paths=("a.tar::cat.png",)).any_exists()
    assert InputSelection(paths=("gone",), list_path="-").any_exists()
    for paths in (("gone",), ("gone/*.png", "hidden/*.jpg"), ("gone.tar::cat.png",), ("hidden/*",), ("a\0",)):
        assert not InputSelection(paths=paths).any_exists()


def test_a_wrong_pattern():
    with pytest.raises(ConfigError, match="without its ]"):
        InputSelection(paths=("gone",), include=("[",)).any_exists()
