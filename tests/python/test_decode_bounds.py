"""Files that claim or hold far more than their picture can need."""

import io
import os
import struct
import zlib

import numpy as np
import pytest

import ppinfer
from ppinfer import BadImageError
from test_image_formats import IMAGES, reason, saved, tags_of, tiff


@pytest.mark.parametrize("kind", ["PNG", "GIF", "WEBP", "JPEG", "TIFF", "BMP"])
def test_a_file_far_larger_than_its_picture_is_not_held(kind, tmp_path):
    file = tmp_path / "image"
    file.write_bytes(saved("RGB", kind))
    expected = ppinfer.decode(str(file))
    os.truncate(file, (2 << 30) - 1)  # sparse
    if kind == "BMP":  # its header says where the last row ends
        assert np.array_equal(ppinfer.decode(str(file)), expected)
        return
    with pytest.raises(BadImageError, match=r"the file has 2047 MiB, more than the \d+ MiB that a ") as caught:
        ppinfer.decode(str(file))
    assert caught.value.stage == "read"


def test_an_image_over_max_pixels_is_refused_by_its_first_bytes(tmp_path):
    for kind, at, sides in (("BMP", 18, "<ii"), ("GIF", 6, "<HH"), ("PNG", 16, ">II")):
        content = bytearray(saved("P", kind))
        content[at : at + struct.calcsize(sides)] = struct.pack(sides, 60_000, 50_000)
        if kind == "PNG":
            content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
        file = tmp_path / kind
        file.write_bytes(content)
        os.truncate(file, (2 << 30) - 1)  # sparse
        with pytest.raises(BadImageError, match="60000x50000 px is 3000000000 pixels, more than max_pixels") as caught:
            ppinfer.decode(str(file))
        assert caught.value.stage == "decode"


def tiff_of_scans(scans: int) -> bytes:
    """A TIFF with one progressive JPEG that has its last scan `scans` times."""
    out = io.BytesIO()
    IMAGES["L"].resize((1024, 1024)).save(out, "JPEG", progressive=True, quality=50)
    content = out.getvalue()
    last_scan = content[content.rindex(b"\xff\xda") : -2]
    return tiff(tags_of(1024, 1024, (8,), 1, compression=7), [content[:-2] + last_scan * (scans - 1) + content[-2:]])


def test_a_jpeg_in_a_tiff_has_a_budget_of_scans():
    assert ppinfer.decode(tiff_of_scans(1)).shape == (1024, 1024, 3)
    assert reason(tiff_of_scans(2000)) == "TIFF with JPEG data of more scans than 1024x1024 px may have"
