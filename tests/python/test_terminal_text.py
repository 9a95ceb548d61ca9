"""Names of files that hold what a terminal would obey: spelled out in all that both programs print."""

import os
import subprocess
from pathlib import Path

import pytest

from conftest import SCRIPTS, png

# Escape sequences in C0 and C1, a bare C1 byte, a line end before a forged line, right-to-left override.
NAME = "\x1b[2J\x9b1m\udc9b\nppinfer: all fine\u202e.x"
SHOWN = r"\x1b[2J\xc2\x9b1m\x9b\nppinfer: all fine\xe2\x80\xae.x"
PROGRAMS = {"ppinfer": [SCRIPTS / "ppinfer", "classify"], "clas_system": [SCRIPTS / "clas_system"]}


def run(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    words = [os.fsencode(word) if isinstance(word, (str, Path)) else word for word in arguments]
    return subprocess.run(words, capture_output=True, timeout=300, cwd=cwd, check=False)


def check(text: bytes) -> None:
    assert SHOWN in text.decode()
    check_safe(text)


def check_safe(text: bytes) -> None:
    shown = text.decode()  # all of it is UTF-8
    assert not any(letter in shown for letter in "\x1b\x9b\u202e")
    assert not any(line.startswith("ppinfer: all fine") for line in shown.splitlines())


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_names_in_messages_and_records(program, config_path, tmp_path):
    for wrong in (
        ["-c", NAME, "x.png"],
        ["-c", config_path, "-o", f"label_path={NAME}", "x.png"],
        ["-m", f"{NAME}.onnx", "x.png"],
        ["-c", config_path, "--format", "jsonl", "--output", f"no/{NAME}", "."],
        ["-c", config_path, "--output", "out.jsonl", NAME],
    ):
        done = run(*program, *wrong, cwd=tmp_path)
        assert done.returncode == 2, done
        check(done.stderr)
    check_safe(run(*program, "-c", config_path, f"--nonsense{NAME}", "x.png", cwd=tmp_path).stderr)  # click escapes too
    (tmp_path / NAME).write_bytes(png(1))
    record = run(*program, "-c", config_path, "-q", NAME, cwd=tmp_path)
    assert record.returncode == 0, record
    check(record.stdout)
    done = run(*program, "-c", config_path, "--output", f"{NAME}.jsonl", NAME, cwd=tmp_path)
    check(done.stderr)


def test_other_commands(config_path, tmp_path):
    ppinfer = SCRIPTS / "ppinfer"
    (tmp_path / NAME).mkdir()
    (tmp_path / NAME / "config.txt").write_text("topk many\n")
    for wrong in (
        ["config", "check", f"{NAME}/config.txt"],
        ["config", "show", "-m", NAME],
        ["report", NAME],
        ["report", f"{NAME}/gone.jsonl"],
        ["convert", NAME, "--output", "out"],
        ["quantize", NAME, NAME, "--output", "out"],
        ["compare", NAME, NAME, NAME],
        ["benchmark", "-c", config_path, NAME],
        ["tune", "-c", config_path, NAME],
    ):
        done = run(ppinfer, *wrong, cwd=tmp_path)
        assert done.returncode == 2, (wrong, done)
        check(done.stderr)
    (tmp_path / "labels").write_text("".join(f"{index} {index}\n" for index in range(3)))
    shown = run(ppinfer, "config", "show", "-c", config_path, "-o", f"save_dir={NAME}", cwd=tmp_path)
    assert shown.returncode == 0, shown
    check(shown.stdout)
