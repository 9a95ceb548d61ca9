"""tools/setup.sh on machines that lack something, played by stand-ins for the system's commands."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def stand_in(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/bash\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """No Debian package is installed; nobody is root; sudo asks for a password."""
    stand_in(tmp_path, "dpkg-query", 'case "${@: -1}" in g++) printf installed ;; *) exit 1 ;; esac')
    stand_in(tmp_path, "id", "echo 1000")
    stand_in(tmp_path, "sudo", "exit 1")
    stand_in(tmp_path, "apt-get", f'echo "$@" >> {tmp_path}/apt.log')
    return tmp_path


def shell(machine: Path, script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PATH": f"{machine}:{os.environ['PATH']}", **environment}
    command = [
        "bash",
        "-c",
        f"set -eu; source {ROOT}/tools/setup.sh; venv={machine}/venv logs={machine}/logs; {script}",
    ]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=env, stdin=subprocess.DEVNULL)


def test_without_rights_the_missing_packages_are_named(machine: Path) -> None:
    done = shell(machine, "install_packages g++ libjpeg-dev libcli11-dev")
    assert done.returncode == 2
    assert "Debian packages are missing: libjpeg-dev libcli11-dev\n" in done.stderr
    assert "sudo apt-get update && sudo apt-get install --no-install-recommends libjpeg-dev libcli11-dev" in done.stderr
    assert not (machine / "apt.log").exists()


def test_only_missing_packages_are_installed(machine: Path) -> None:
    stand_in(machine, "id", "echo 0")
    done = shell(machine, "install_packages g++ libjpeg-dev")
    assert done.returncode == 0, done.stderr
    commands = (machine / "apt.log").read_text().splitlines()
    assert commands == ["-q update", "-q -y install --no-install-recommends libjpeg-dev"]


def test_nothing_missing_asks_for_nothing(machine: Path) -> None:
    done = shell(machine, "install_packages g++")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not (machine / "apt.log").exists()


def test_sudo_without_password_is_used(machine: Path) -> None:
    stand_in(machine, "sudo", '[ "$1" = -n ] && shift; "$@"')
    done = shell(machine, "install_packages libjpeg-dev")
    assert done.returncode == 0, done.stderr
    assert "install --no-install-recommends libjpeg-dev" in (machine / "apt.log").read_text()


def test_too_old_python(machine: Path) -> None:
    stand_in(machine, "python3.9", "exit 1")
    done = shell(machine, "find_python", PYTHON="python3.9")
    assert done.returncode == 2
    assert "Python 3.10 or newer is needed: python3.9 is missing or older." in done.stderr


def test_failed_step_shows_the_end_of_its_log(machine: Path) -> None:
    done = shell(machine, "logged build bash -c 'seq 100; exit 3'; echo not reached")
    assert done.returncode == 1
    assert "not reached" not in done.stdout
    assert "71\n" in done.stderr
    assert "70\n" not in done.stderr
    assert f"the whole log: {machine}/logs/build.log" in done.stderr


def test_stamp_follows_the_files(machine: Path) -> None:
    (machine / "source").mkdir()
    (machine / "source/a.cc").write_text("1")
    script = f"""stamps={machine}/stamps
        before=$(hash_of_files {machine}/source); stamp x "$before"
        stamped x "$(hash_of_files {machine}/source)" && echo same
        echo 2 > {machine}/source/a.cc
        stamped x "$(hash_of_files {machine}/source)" || echo changed"""
    assert shell(machine, script).stdout == "same\nchanged\n"
