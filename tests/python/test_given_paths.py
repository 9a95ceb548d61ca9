"""A run is refused only where nothing is at any of its paths, as the walk itself sees them."""

import pytest
import typer

from conftest import png
from ppinfer import InputSelection
from ppinfer.commands.given_paths import check_some_exist


def test_the_walk_tells_what_a_pattern_finds(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden/.cat.png").write_bytes(png(1))
    check_some_exist(InputSelection(paths=("hidden/*",), hidden=True))
    check_some_exist(InputSelection(paths=("gone", "hidden"), shard=(2, 2)))
    for paths in (("gone",), ("gone/*.png", "hidden/*.jpg"), ("gone.tar::cat.png",)):
        with pytest.raises(typer.BadParameter, match="nothing is there"):
            check_some_exist(InputSelection(paths=paths))
