"""A real model's run over real photos, killed and resumed: the scores too are those of one that wasn't, to the bit."""

import random
import shutil
import subprocess
import time
from pathlib import Path

from conftest import LabelledPhotos

COPIES = 6


def test_scores_of_a_killed_run(lite0: Path, foolbox_photos: LabelledPhotos, clas_system: str, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for copy in range(COPIES):
        for path in foolbox_photos.paths:
            shutil.copy(path, photos / f"{copy:02} {Path(path).name}")
    command = [clas_system, "-q", "-c", str(lite0 / "config.txt"), "-o", "batch_size=8"]
    command += ["--format", "jsonl", "--output", "out.jsonl"]

    assert subprocess.run([*command, "photos"], cwd=tmp_path).returncode == 0
    output, part = tmp_path / "out.jsonl", tmp_path / "out.jsonl.part"
    expected = output.read_bytes()
    assert expected.count(b"\n") == COPIES * len(foolbox_photos.paths)
    output.unlink()
    random.seed(8)
    while not output.exists():
        before = size_of(part)
        resume = ["--resume"] if before else []
        with subprocess.Popen([*command, *resume, "photos"], cwd=tmp_path) as process:
            while size_of(part) <= before and process.poll() is None:
                time.sleep(0.002)
            time.sleep(random.uniform(0, 0.4))
            process.kill()
        assert process.returncode in (0, -9)
    assert output.read_bytes() == expected


def size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # not yet, or in place just now
        return 0
