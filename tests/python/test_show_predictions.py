"""The table that tools/demo ends with."""

import os
import subprocess
import sys
from pathlib import Path

from conftest import png

SCRIPT = Path(__file__).resolve().parents[2] / "tools/show_predictions.py"


def shown(config: Path, folder: Path, code: int) -> str:
    environment = {**os.environ, "COLUMNS": "200", "PYTHONUTF8": "1"}
    done = subprocess.run([sys.executable, SCRIPT, config, folder], capture_output=True, text=True, env=environment)
    assert done.returncode == code, done.stderr
    return done.stdout


def test_every_file_is_a_row(config_path, photo_folder):
    folder = photo_folder(2)
    (folder / "two\nlines\x1b.png").write_bytes(png(3))
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff.png")).write_bytes(png(4))
    out = shown(config_path, folder, 0)
    rows = [line.split("│")[1:4] for line in out.splitlines() if line.startswith("│")]
    assert [[cell.strip() for cell in row][:2] for row in rows] == [
        ["000.png", "class 0"],
        ["001.png", "class 1"],
        ["two\\nlines\\x1b.png", "class 3"],
        ["\\xff.png", "class 4"],
    ]
    assert "4 images in " in out
    assert "skipped" not in out


def test_failures_are_shown_however_many_files_there_are(config_path, photo_folder):
    folder = photo_folder(100)
    (folder / "zzz.png").write_bytes(b"cut")
    (folder / "notes.txt").touch()
    out = shown(config_path, folder, 1)
    assert out.count(".png │ class ") == 59
    assert "│ zzz.png │ error in decode: " in out
    assert "... and 41 more" in out
    assert ", 1 of them failed" in out
    assert "1 file skipped: 1 not an image (1 .txt)" in out


def test_no_images(config_path, photo_folder):
    out = shown(config_path, photo_folder(0), 2)
    assert "no images in " in out
    assert "images/s" not in out
