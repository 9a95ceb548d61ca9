"""A report's thumbnails, packed rows and facts, and the command; test_report_page.py looks at the page."""

import base64
import gzip
import io
import json
import lzma
import math
import subprocess
import tarfile
import zipfile

import numpy as np
import pyarrow
import pytest
from PIL import Image

import ppinfer
from conftest import SCRIPTS, flat, png
from ppinfer.report import table_library, thumbnails, write_report
from ppinfer.report.facts import run_facts
from ppinfer.report.image_bytes import read_images
from ppinfer.report.packing import pack
from ppinfer.report.records import Record
from report_records import SOME, as_records, many, tally_of, write_jsonl


def rows_of(paths):
    return tally_of([Record(path, [0], [0.5]) for path in paths]).rows()


def test_thumbnails_are_small_pictures_of_the_images(tmp_path):
    (tmp_path / "wide.png").write_bytes(png(7))
    (tmp_path / "cut.png").write_bytes(png(3)[:50])
    rows = rows_of([str(tmp_path / name) for name in ("wide.png", "cut.png", "gone.png", "wide.png")] + [""])
    made = thumbnails.make(rows, range(5))
    assert sorted(made.pictures) == [0, 3]
    picture = Image.open(io.BytesIO(made.pictures[0]))
    assert (picture.format, picture.size) == ("WEBP", (60, 40))
    assert np.abs(np.asarray(picture.convert("RGB"), int) - flat(7)).max() < 4
    assert made.problems[1].startswith("decode:")
    assert "no such file" in made.problems[2]
    assert "no path" in made.problems[4]


def test_what_is_left_out_of_a_folder_is_said(tmp_path):
    (tmp_path / "records").mkdir()
    write_jsonl(tmp_path / "records/r.jsonl", SOME)
    write_jsonl(tmp_path / "records/r.errors.jsonl", [record for record in SOME if record["status"] == "error"])
    command = [SCRIPTS / "ppinfer", "report", tmp_path / "records", "--output", tmp_path / "page.html"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    left_out = f"{tmp_path}/records/r.errors.jsonl: errors that are in other files, too"
    assert done.stderr.startswith(f"ppinfer: left out: {left_out}\n{tmp_path}/page.html: 4 images, 1 errors")
    assert f"Left out: {left_out}." in (tmp_path / "page.html").read_text()


def test_thumbnails_stop_at_their_bytes(tmp_path, monkeypatch):
    (tmp_path / "a.png").write_bytes(png(1))
    (tmp_path / "b.png").write_bytes(png(2))
    monkeypatch.setattr(thumbnails, "MOST_BYTES", 1)
    made = thumbnails.make(rows_of([str(tmp_path / "a.png"), str(tmp_path / "b.png")]), [0, 1])
    assert made.pictures == {}
    assert all("used up" in problem for problem in made.problems.values())


@pytest.mark.parametrize("ending", ["tar", "tar.xz", "tar.zst", "zip"])
def test_members_of_archives(tmp_path, ending):
    archive = tmp_path / f"shard.{ending}"
    members = {"a/b.png": png(1), "./c.png": png(2), "odd\udce9.png": png(3)}
    if ending == "zip":
        with zipfile.ZipFile(archive, "w") as made:
            for name, content in members.items():
                made.writestr(name.replace("\udce9", "?"), content)
        archive.write_bytes(archive.read_bytes().replace(b"odd?", b"odd\xe9"))
    else:
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w", errors="surrogateescape") as made:
            for name, content in members.items():
                info = tarfile.TarInfo(name)
                info.size = len(content)
                made.addfile(info, io.BytesIO(content))
        pack_bytes = {
            "tar": bytes,
            "tar.xz": lzma.compress,
            "tar.zst": lambda raw: pyarrow.compress(raw, "zstd", asbytes=True),
        }
        archive.write_bytes(pack_bytes[ending](packed.getvalue()))
    paths = [f"{archive}::{name.removeprefix('./')}" for name in members]
    read = {image.path: image for image in read_images([*paths, f"{archive}::gone.png", f"{tmp_path}/no.tar::x.png"])}
    assert [read[path].content for path in paths] == list(members.values())
    assert "no member of this name" in read[f"{archive}::gone.png"].problem
    assert "the archive does not exist any more" in read[f"{tmp_path}/no.tar::x.png"].problem
    assert len(thumbnails.make(rows_of(paths), range(len(paths))).pictures) == len(paths)


def test_a_damaged_archive_is_a_problem_of_its_images(tmp_path):
    (tmp_path / "shard.tar.gz").write_bytes(gzip.compress(b"x" * 5000)[:30])
    (image,) = read_images([f"{tmp_path}/shard.tar.gz::a.png"])
    assert image.content is None
    assert "cut off" in image.problem


# ---- packing, facts, the whole ---------------------------------------------------------------------------------------


def unpack(packed):
    """As page/unpack.js does."""
    content = gzip.decompress(base64.b64decode(packed))
    text_bytes = int.from_bytes(content[:4], "little")
    directory = json.loads(content[4 : 4 + text_bytes])
    columns = {}
    for name, (kind, offset, length) in directory["columns"].items():
        start = 4 + text_bytes + offset
        if kind == "text":
            columns[name] = content[start : start + length].decode().split("\0")
        else:
            assert start % np.dtype(kind).itemsize == 0
            columns[name] = np.frombuffer(content, kind, length, start)
    return directory["rows"], columns


def test_packed_rows_come_out_again(tmp_path):
    tally = tally_of(as_records(SOME, tmp_path))
    count, columns = unpack(pack(tally.rows(), tally.names))
    assert count == 4
    assert columns["path"] == ["a.jpg", "b.jpg", "odd \\xe9.jpg", "none.jpg"]
    assert columns["stage"] == ["", "read", "", ""]
    assert columns["message"] == ["", "no such file", "", ""]
    assert columns["label"] == ["tabby", "lynx"]
    assert columns["answers"].tolist() == [2, 0, 1, 0]
    assert columns["name_0"].tolist() == [0, 0, 1, 0]
    assert columns["score_0"].tolist() == [7500, 0xFFFF, 3750, 0xFFFF]
    assert columns["score_1"].tolist() == [2000, 0xFFFF, 0xFFFF, 0xFFFF]
    assert columns["best"].tolist()[0] == 0.75
    assert np.isnan(columns["best"][1])


def test_a_hundred_thousand_records_take_little_room(tmp_path):
    tally = tally_of(as_records(many(20_000), tmp_path), most_rows=20_000)
    assert len(pack(tally.rows(), tally.names)) / 20_000 < 40  # bytes a record


def test_facts():
    facts = run_facts(
        {
            "images": 50,
            "done_before": 10,
            "wall_ms": 500,
            "lanes": 2,
            "stage_ms": {"decode": 250, "infer": 500},
            "config": {"topk": "5"},
            "started": "today",
        }
    )
    assert facts.images_per_s == 80  # of this run's own 40
    assert [(stage.name, stage.seconds, stage.share) for stage in facts.stages] == [
        ("decode", 0.25, 0.25),
        ("infer", 0.5, 0.5),
        ("waiting", 0.25, 0.25),
    ]
    assert facts.others == [("started", "today")]
    assert facts.groups == [("config", [("topk", "5")])]
    assert run_facts(None) == run_facts({})
    with pytest.raises(ppinfer.Error, match="wall_ms is 'long', expected a number"):
        run_facts({"wall_ms": "long"})
    for endless in (math.inf, 10**400):
        with pytest.raises(ppinfer.Error, match=r"images is .*, expected a number"):
            run_facts({"images": endless})
    with pytest.raises(ppinfer.Error, match="stage_ms is 7"):
        run_facts({"stage_ms": 7})


def test_the_library_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(table_library, "PACKAGE", "no_such_package")
    with pytest.raises(ppinfer.Error, match="a report needs no_such_package: pip install"):
        write_report(write_jsonl(tmp_path / "r", SOME), tmp_path / "page.html")
    with pytest.raises(ppinfer.Error, match=r"gone\.jsonl: No such file"):  # first: a package wouldn't help
        write_report(tmp_path / "gone.jsonl", tmp_path / "page.html")


def report(folder, *arguments):
    command = [SCRIPTS / "ppinfer", "report", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)


def test_command(tmp_path):
    write_jsonl(tmp_path / "r.jsonl", many(300))
    (tmp_path / "facts.json").write_text('{"images": 300, "wall_ms": 1500}')
    done = report(
        tmp_path, "r.jsonl", "--output", "page.html", "--thumbnails", 5, "--rows", 40, "--facts", "facts.json"
    )
    assert done.returncode == 0, done.stderr
    assert "page.html: 300 images, 3 errors, 40 in the list, thumbnails of 0 (5 could not be made); " in done.stderr
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "200.0" in page  # images a second
    assert report(tmp_path, "r.jsonl", "-q").stderr == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["facts.json", "page.html", "r.jsonl", "report.html"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["gone.jsonl"], "gone.jsonl: No such file or directory"),
        (["r.jsonl", "-o", "no/page.html"], "--output no/page.html: no such folder: no"),
        (["r.jsonl", "-o", "r.jsonl"], "r.jsonl: is the file of records itself"),
        (["r.jsonl", "--facts", "r.jsonl"], "r.jsonl: not JSON"),
        (["r.jsonl", "--facts", "gone"], "gone: No such file"),
        (["torn.jsonl"], "torn.jsonl:1: the record is truncated"),
    ],
)
def test_command_tells_what_is_wrong_and_leaves_nothing(tmp_path, arguments, message):
    write_jsonl(tmp_path / "r.jsonl", SOME)
    (tmp_path / "torn.jsonl").write_text('{"path": "a')
    before = (tmp_path / "r.jsonl").read_bytes()
    done = report(tmp_path, *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "r.jsonl").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.jsonl", "torn.jsonl"]
