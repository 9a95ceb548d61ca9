"""Where memory or threads run out, that is said, and no image is called bad for it."""

import io
import json
import re
import subprocess
import sys

import cv2
import numpy as np
import pytest
from PIL import Image

from conftest import encoded, png, write_config

LARGE_PX = (6000, 5000)  # 86 MiB of RGB: more than malloc can have within what is mapped already
OUT_OF_MEMORY = re.compile(r"out of memory (decoding 6000x5000 px, 86 MiB|reading 86 MiB)")

UNDER_LIMIT = """
import json, resource, sys
from ppinfer import Predictor

config, spare_mib, lanes, *paths = sys.argv[1:]
with Predictor(config, lanes=int(lanes)) as predictor:
    predictor.predict(paths[0])
    mapped = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    limit = mapped + (int(spare_mib) << 20)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    results = predictor.predict(paths)
print(json.dumps([result.to_dict() for result in results]))
"""

TIFF_UNDER_LIMITS = """
import resource, sys
import ppinfer

small, large = (open(path, "rb").read() for path in sys.argv[1:])
ppinfer.decode(small)
mapped = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
seen = []
for spare_mib in range(0, 80, 2):
    resource.setrlimit(resource.RLIMIT_AS, (mapped + (spare_mib << 20), resource.RLIM_INFINITY))
    try:
        ppinfer.decode(large)
        seen.append("read")
    except ppinfer.Error as error:
        seen.append(str(error).partition("machine: ")[2] or str(error))
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print("|".join(seen), end="")
"""

WITHOUT_THREADS = """
import os, resource, sys
from ppinfer import Predictor, RuntimeFailure

png = sys.stdin.buffer.read()
with Predictor(sys.argv[1], lanes=2) as predictor:
    if os.geteuid() == 0:
        os.setuid(65534)  # root has as many as it likes
    resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))
    try:
        predictor.predict([png] * 20)
    except RuntimeFailure as failure:
        print(failure)
"""


def run(script: str, *arguments: object, stdin: bytes = b"") -> str:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    done = subprocess.run(command, input=stdin, capture_output=True, timeout=300)
    assert (done.returncode, done.stderr.decode()) == (0, "")
    return done.stdout.decode()


def by_pillow(kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", LARGE_PX, (200, 30, 90)).save(out, kind, **options)
    return out.getvalue()


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("large")
    large = np.full((*LARGE_PX[::-1], 3), 90, np.uint8)
    files = {
        "0_small.png": png(7),
        "1.jpg": encoded(".jpg", large),
        "2_progressive.jpg": encoded(".jpg", large, cv2.IMWRITE_JPEG_PROGRESSIVE, 1),
        "3.png": encoded(".png", large, cv2.IMWRITE_PNG_COMPRESSION, 1),
        "4.webp": by_pillow("WEBP", lossless=True, quality=0, method=0),
        "5.tiff": encoded(".tiff", large),
        "6.bmp": encoded(".bmp", large),
        "7.gif": by_pillow("GIF"),
        "8_small.png": png(5),
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return [str(folder / name) for name in files]


@pytest.mark.parametrize(("spare_mib", "lanes"), [(40, 1), (40, 2), (140, 2)])
def test_sound_photos_that_do_not_fit_are_never_called_bad(spare_mib, lanes, photos, tmp_path):
    records = json.loads(run(UNDER_LIMIT, write_config(tmp_path), spare_mib, lanes, *photos))
    assert [record["path"] for record in records] == photos
    for record in records[1:-1]:
        if spare_mib > 86 and record["status"] == "ok":
            continue
        assert record["error"]["stage"] == "machine"
        assert OUT_OF_MEMORY.fullmatch(record["error"]["message"]), record
    assert [records[0]["class_ids"][0], records[-1]["class_ids"][0]] == [7, 5]


# Codecs that take memory of their own: at each limit the machine is to blame, or nothing is.
@pytest.mark.parametrize("compression", ["lzma", "zstd"])
def test_codecs_of_tiff_out_of_memory(compression, tmp_path):
    for name, size in (("small", (40, 30)), ("large", (2000, 1500))):
        Image.new("RGB", size, (200, 30, 90)).save(tmp_path / f"{name}.tif", compression=compression)
    output = run(TIFF_UNDER_LIMITS, tmp_path / "small.tif", tmp_path / "large.tif")
    assert set(output.split("|")) == {"out of memory decoding 2000x1500 px, 9 MiB", "read"}


def test_lanes_that_get_no_thread_end_the_run_with_a_reason(tmp_path):
    output = run(WITHOUT_THREADS, write_config(tmp_path), stdin=png(7))
    assert "the system gives no more threads (set fewer lanes)" in output
