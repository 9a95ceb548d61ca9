"""tools/docs' site: it builds without a warning, and its search knows every config key and command."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from ppinfer.commands import app
from ppinfer.config_fields import FIELDS

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-d", folder / "doctrees"]
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        [*command, ROOT / "docs", folder / "html"], capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
    return folder / "html"


@pytest.fixture(scope="module")
def search_index(site: Path) -> dict:
    text = (site / "searchindex.js").read_text(encoding="utf-8")
    return json.loads(text.removeprefix("Search.setIndex(").removesuffix(")"))


def found_names(search_index: dict) -> set[str]:
    """Of config keys, and of options with their command."""
    objects = search_index["objects"]
    return {" ".join([*prefix.split("-"), entry[-1]]).strip() for prefix in objects for entry in objects[prefix]}


def test_search_finds_every_key(search_index: dict) -> None:
    assert FIELDS.keys() - found_names(search_index) == set()


def test_search_finds_every_command_and_option(search_index: dict) -> None:
    titles, names = search_index["alltitles"], found_names(search_index)
    group = get_command(app)
    context = group.make_context("ppinfer", [], resilient_parsing=True)
    assert "clas_system" in titles
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert f"ppinfer {name}" in titles
        for option in command.get_params(context):
            if option.param_type_name == "option" and not option.hidden and "--help" not in option.opts:
                assert f"ppinfer {name} {option.opts[-1]}" in names
