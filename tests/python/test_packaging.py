"""What `pip install` leaves behind."""

import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from conftest import PACKAGE, SCRIPTS, png, write_config

ROOT = Path(__file__).parents[2]


def dynamic_section(elf):
    return subprocess.run(["readelf", "-d", elf], capture_output=True, text=True, check=True).stdout


def section(name):
    """Requirements of one list in pyproject.toml (Python 3.10 has no TOML parser)."""
    match = re.search(rf"^{name} = \[\n(.*?)^\]", (ROOT / "pyproject.toml").read_text(), re.MULTILINE | re.DOTALL)
    return [Requirement(line) for line in re.findall(r'"([^"]+)"', match[1])]


def extra(name):
    """The requirements of an extra that stands on one line of pyproject.toml."""
    (line,) = re.findall(rf"^{name} = \[(.*)\]", (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    return [Requirement(text) for text in re.findall(r'"([^"]+)"', line)]


@pytest.mark.parametrize("library", ["paddlepaddle", "openvino"])
def test_built_against_what_is_installed_beside_it(library):
    (built_with,) = [requirement for requirement in section("requires") if requirement.name == library]
    (runs_with,) = extra("paddle" if library == "paddlepaddle" else library)
    assert built_with == runs_with
    assert metadata.version(library) in runs_with.specifier
    assert [spec.operator for spec in runs_with.specifier] == ["=="]


def locked(name):
    """Each version that a lock has of a package, with the condition for it; every one has hashes."""
    versions = {}
    for entry in re.split(r"\n(?=\S)", (ROOT / f"tools/locks/{name}.txt").read_text()):
        if entry.startswith("#"):
            continue
        assert "--hash=sha256:" in entry, entry
        requirement = Requirement(entry.partition(" \\")[0])
        assert [spec.operator for spec in requirement.specifier] == ["=="]
        versions.setdefault(requirement.name, []).append(requirement)
    return versions


@pytest.mark.parametrize(
    ("lock", "names"), [("demo", ["requires", "dependencies"]), ("tests", ["requires", "dependencies", "test", "dev"])]
)
def test_locks_have_what_is_required(lock, names):
    versions = locked(lock)
    for requirement in (one for name in names for one in section(name)):
        found = versions.get(requirement.name, [])
        assert found, f"{requirement} is not in tools/locks/{lock}.txt: run tools/lock"
        for one in found:
            (spec,) = one.specifier
            assert spec.version in requirement.specifier, f"{one}: run tools/lock"
    pinned = {str(one) for found in locked("tests").values() for one in found}
    assert {str(one) for found in versions.values() for one in found} <= pinned  # one environment serves both


def test_version_stands_in_cmake_alone():
    version = re.search(r"project\(ppinfer VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())[1]
    assert metadata.version("ppinfer") == version
    clas_system = subprocess.run([SCRIPTS / "clas_system", "--version"], capture_output=True, text=True)
    assert version in clas_system.stdout


@pytest.mark.parametrize(
    "name",
    [
        "py.typed",
        "_core.pyi",
        "report/page/report.html.j2",
        "lib/libppinfer.so",
        "lib/ppinfer_engines/libppinfer_openvino.so",
        "lib/ppinfer_engines/libppinfer_paddle.so",
    ],
)
def test_the_package_is_whole(name):
    assert (PACKAGE / name).is_file()


def elves():
    return [SCRIPTS / "clas_system", *PACKAGE.glob("_core*.so"), *PACKAGE.glob("lib/**/*.so")]


@pytest.mark.parametrize("elf", elves(), ids=lambda elf: elf.name)
def test_libraries_are_looked_for_relative_to_the_file(elf):
    paths = re.search(r"\(RU?N?PATH\).*\[(.*)\]", dynamic_section(elf))
    for path in paths[1].split(":") if paths else []:
        assert path.startswith("$ORIGIN"), path


def test_nothing_runs_for_want_of_a_library_path(tmp_path):
    config = write_config(tmp_path)
    (tmp_path / "one.png").write_bytes(png(1))
    for program in (
        [SCRIPTS / "clas_system"],
        [SCRIPTS / "ppinfer", "classify"],
        [sys.executable, "-m", "ppinfer", "classify"],
    ):
        command = [*program, "-c", config, tmp_path / "one.png"]
        done = subprocess.run(command, env={}, cwd="/", capture_output=True, text=True)
        assert (done.returncode, done.stdout.count("\n")) == (0, 1), done.stderr


def test_clas_system_is_a_program_of_its_own():
    with (SCRIPTS / "clas_system").open("rb") as program:
        assert program.read(4) == b"\x7fELF"
    assert "libpython" not in dynamic_section(SCRIPTS / "clas_system")
