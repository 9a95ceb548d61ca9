"""20,000 files of which 1 % are damaged: a record each, in its place, with its own answer or its own reason."""

import csv
import io
import json
import os
import random
import subprocess
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from conftest import CLASSES, SCRIPTS, png, write_config

IMAGES, BAD_SHARE = 20_000, 0.01
FOLDERS = 20
CONFIG = "lanes 3\nbatch_size 4\ntopk 1\nresize_short_size 8\ncrop_size 8\n"
WHOLE = png(3)
REASONS = {  # contents of bad files, and a word of what their records say
    "empty": (b"", "empty"),
    "text": (b"Hello, I am text.", "not an image"),
    "cut": (WHOLE[: len(WHOLE) // 2], ""),
    "zeros": (bytes(1000), "not an image"),
    "header": (WHOLE[:20], ""),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> tuple[Path, dict[str, int | str]]:
    """The files are hard links to a few; path -> class, or kind of damage."""
    root = tmp_path_factory.mktemp("twenty_thousand")
    originals: dict[int | str, Path] = {}
    for kind, content in {**{c: png(c) for c in range(CLASSES)}, **{k: v[0] for k, v in REASONS.items()}}.items():
        originals[kind] = root / f"original {kind}"
        originals[kind].write_bytes(content)
    seeded = random.Random(20_000)
    bad = set(seeded.sample(range(IMAGES), round(IMAGES * BAD_SHARE)))
    expected: dict[str, int | str] = {}
    for index in range(IMAGES):
        place = root / "photos" / f"{index % FOLDERS:02}"
        place.mkdir(parents=True, exist_ok=True)
        kind = seeded.choice(list(REASONS)) if index in bad else seeded.randrange(CLASSES)
        path = place / f"{index:05}.png"
        os.link(originals[kind], path)
        expected[str(path)] = kind
    return root, dict(sorted(expected.items()))


def of_jsonl(path: Path) -> list[tuple[str, str, int | None, str]]:
    records = map(json.loads, path.read_text().splitlines())
    return [
        (r["path"], r["status"], r["class_ids"][0], "")
        if r["status"] == "ok"
        else (r["path"], r["status"], None, r["error"]["message"])
        for r in records
    ]


def of_csv(path: Path) -> list[tuple[str, str, int | None, str]]:
    rows = csv.DictReader(io.StringIO(path.read_text()))
    return [
        (r["path"], r["status"], int(r["class_ids"].split(";")[0]) if r["class_ids"] else None, r["error_message"])
        for r in rows
    ]


def of_parquet(path: Path) -> list[tuple[str, str, int | None, str]]:
    return [
        (r["path"], r["status"], r["class_ids"][0] if r["class_ids"] else None, r["error_message"] or "")
        for r in pq.read_table(path).to_pylist()
    ]


@pytest.mark.parametrize(
    ("program", "format", "read"),
    [
        (["clas_system"], "jsonl", of_jsonl),
        (["ppinfer", "classify"], "csv", of_csv),
        (["ppinfer", "classify"], "parquet", of_parquet),
    ],
)
def test_none_is_lost_doubled_or_on_the_wrong_path(folder, program, format, read: Callable, tmp_path):
    root, expected = folder
    config = write_config(
        tmp_path / "model", config="lanes 3\nbatch_size 4\ntopk 1\nresize_short_size 8\ncrop_size 8\n"
    )
    output = tmp_path / f"records.{format}"
    name, *words = program
    command = [SCRIPTS / name, *words, "-c", config, "--format", format, "--output", output, root / "photos"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    records = read(output)
    assert [record[0] for record in records] == list(expected)
    assert len(records) == IMAGES
    assert sum(record[1] == "error" for record in records) == IMAGES * BAD_SHARE
    for (path, status, class_id, message), kind in zip(records, expected.values(), strict=True):
        if isinstance(kind, int):
            assert (status, class_id) == ("ok", kind), path
        else:
            assert status == "error", path
            assert REASONS[kind][1] in message, path
