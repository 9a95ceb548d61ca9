"""A real model's run over real photos, killed and resumed: the scores too are those of one that wasn't, to the bit."""

import random
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import LabelledPhotos

ROUNDS = 2
COPIES = 15


@pytest.mark.parametrize("batch_size", [1, 8])
def test_scores_of_a_killed_run(
    batch_size: int, lite0: Path, foolbox_photos: LabelledPhotos, clas_system: str, tmp_path: Path
) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for copy in range(COPIES):
        for path in foolbox_photos.paths:
            shutil.copy(path, photos / f"{copy:02} {Path(path).name}")
    command = [clas_system, "-q", "-c", str(lite0 / "config.txt"), "-o", f"batch_size={batch_size}"]
    command += ["--format", "jsonl", "--output", "out.jsonl"]

    def run(*arguments: str, kill_after_s: float | None = None) -> int:
        with subprocess.Popen([*command, *arguments, "photos"], cwd=tmp_path) as process:
            try:
                return process.wait(kill_after_s)
            except subprocess.TimeoutExpired:
                process.kill()
                return process.wait()

    assert run() == 0
    output, part = tmp_path / "out.jsonl", tmp_path / "out.jsonl.part"
    expected = output.read_bytes()
    assert expected.count(b"\n") == COPIES * len(foolbox_photos.paths)
    output.unlink()
    random.seed(batch_size)
    for _ in range(ROUNDS):
        while not output.exists():
            resume = ["--resume"] if part.exists() and part.stat().st_size else []
            assert run(*resume, kill_after_s=random.uniform(0.7, 1.6)) in (0, -9)
        assert output.read_bytes() == expected
        output.unlink()
