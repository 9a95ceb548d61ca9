"""A folder of good photos and every kind of bad file: one record each, in order, the good ones unchanged."""

import json
import os
import shutil
import struct
import subprocess
import zlib
from pathlib import Path

import pytest

from conftest import LabelledPhotos

GOOD_COUNT = 100


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_header(width: int, height: int) -> bytes:
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        + png_chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + png_chunk(b"IEND", b"")
    )


def add_bad_files(folder: bytes, photo: bytes) -> dict[bytes, tuple[str, str]]:
    """Writes 30 bad files; returns for each its stage and a word that its reason must hold."""
    expected: dict[bytes, tuple[str, str]] = {}

    def put(name: bytes, content: bytes, stage: str, word: str) -> None:
        path = os.path.join(folder, name)
        with open(path, "wb") as file:
            file.write(content)
        expected[path] = (stage, word)

    for index in range(4):
        put(b"%02d empty.jpg" % index, b"", "decode", "empty")
    for index, share in enumerate((0.02, 0.2, 0.5, 0.8, 0.99)):
        put(b"%02d cut.jpg" % (20 + index), photo[: int(len(photo) * share)], "decode", "truncated")
    for index in range(4):
        put(b"%02d text.jpg" % (40 + index), b"Hello, I am text. " * (index + 1), "decode", "not an image")
    put(b"50 bomb.png", png_header(60000, 60000), "decode", "3600000000")
    put(b"51 bomb.jpg", png_header(60000, 60000), "decode", "3600000000")
    put(b"52 cut.png", png_header(40, 40)[:40], "decode", "")
    put(b"53 name with\nnewline.jpg", b"", "decode", "empty")
    put(b"54 name \xff\xfe not UTF-8.jpg", b"text", "decode", "not an image")
    put(b"55 \xe5\x9b\xbe.JPEG", b"\0" * 1000, "decode", "not an image")
    put(b'56 quote"comma,;semi.jpg', b"\xff\xd8\xff", "decode", "")
    for index in range(3):
        path = os.path.join(folder, b"%02d folder.jpg" % (60 + index))
        os.mkdir(path)
        expected[path] = ("read", "folder")
    for index in range(3):
        path = os.path.join(folder, b"%02d broken link.jpg" % (70 + index))
        os.symlink(b"/no/such/place", path)
        expected[path] = ("read", "link")
    for index in range(2):
        path = os.path.join(folder, b"%02d fifo.jpg" % (80 + index))
        os.mkfifo(path)
        expected[path] = ("read", "regular file")
    for index in range(2):
        put(b"%02d secret.jpg" % (90 + index), photo, "read", "permission")
        os.chmod(os.path.join(folder, b"%02d secret.jpg" % (90 + index)), 0)
    assert len(expected) == 30
    return expected


def run_without_privileges(command: list[bytes]) -> subprocess.CompletedProcess:
    """Permissions bind everybody but root: as root the command runs without the capabilities that pass over them."""
    if os.geteuid() == 0:
        dropped = b"-dac_override,-dac_read_search"
        command = [b"setpriv", b"--bounding-set=" + dropped, b"--inh-caps=" + dropped, *command]
    return subprocess.run(command, capture_output=True, timeout=600)


@pytest.fixture
def mixed_folder(tmp_path_factory: pytest.TempPathFactory, foolbox_photos: LabelledPhotos):
    folder = tmp_path_factory.mktemp("mixed") / "pictures"
    folder.mkdir()
    sources = foolbox_photos.paths
    if os.environ.get("PPINFER_IMAGENET_SAMPLE"):
        sources = sorted(str(path) for path in Path(os.environ["PPINFER_IMAGENET_SAMPLE"]).glob("*.JPEG"))
    for index in range(GOOD_COUNT):
        source = sources[index % len(sources)]
        shutil.copy(source, folder / f"{index // 2:03d} {index:03d}{Path(source).suffix}")
    good = sorted(os.path.join(os.fsencode(folder), name) for name in os.listdir(os.fsencode(folder)))
    photo = Path(sources[0]).read_bytes()
    return os.fsencode(folder), good, add_bad_files(os.fsencode(folder), photo)


def variants() -> list[object]:
    """The installed program with the real engine, and every other build of it that PPINFER_OTHER_BUILDS names."""
    others = filter(None, os.environ.get("PPINFER_OTHER_BUILDS", "").split(os.pathsep))
    return [None, *(pytest.param(path, id=path) for path in others)]


@pytest.mark.parametrize("build", variants())
def test_one_record_each_in_order(
    build: str | None, mixed_folder, lite0: Path, clas_system: str, tmp_path: Path
) -> None:
    folder, good, bad = mixed_folder
    config = ["-c", str(lite0 / "config.txt")]
    if build:  # sanitizer builds have no real engine
        fake = tmp_path / "model.fake"
        fake.write_text("classes 8\n")
        config = ["-o", f"cls_model_path={fake}", "-o", "engine=fake"]
    command = [build or clas_system, *config, "--format", "jsonl"]
    done = run_without_privileges([*map(os.fsencode, command), folder])
    assert done.returncode == 1, done.stderr.decode(errors="replace")
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [os.fsencode(record["path"]) for record in records] == sorted([*good, *bad])
    assert len(records) == GOOD_COUNT + 30
    alone = run_without_privileges([*map(os.fsencode, command), *good])
    assert alone.returncode == 0, alone.stderr.decode(errors="replace")
    expected_good = [json.loads(line) for line in alone.stdout.splitlines()]
    assert [record for record in records if record["status"] == "ok"] == expected_good
    for record in records:
        if record["status"] == "error":
            stage, word = bad[os.fsencode(record["path"])]
            assert record["error"]["stage"] == stage, record
            assert word in record["error"]["message"], record
