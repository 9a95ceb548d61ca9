"""Animations give their first picture, and are errors where a later one is cut or damaged."""

import re
import struct
import zlib

import pytest

import ppinfer
from test_image_formats import FRAMES, GIFS, HEIGHT, WEBPS, WIDTH, reason, saved

ANIMATIONS = {"GIF": GIFS["animated"], "WebP": WEBPS["animated lossy"], "PNG": saved("RGB", "PNG", **FRAMES)}
SECOND_FRAME = {"GIF": b"\x2c" + struct.pack("<4H", 0, 0, WIDTH, HEIGHT), "WebP": b"ANMF", "PNG": b"fdAT"}


@pytest.mark.parametrize("kind", ANIMATIONS)
def test_animation_whose_later_picture_is_cut_is_an_error(kind):
    content = ANIMATIONS[kind]
    second = content.rindex(SECOND_FRAME[kind])
    for cut in range(second + 5, len(content) - 12, 29):
        assert re.match(f"(truncated|corrupt) {kind}: ", reason(content[:cut])), cut


def test_png_holds_as_many_pictures_as_its_animation_states():
    content = ANIMATIONS["PNG"]
    states = content.index(b"acTL") + 4

    def stating(pictures):
        chunk = b"acTL" + struct.pack(">II", pictures, 0)
        return content[: states - 4] + chunk + struct.pack(">I", zlib.crc32(chunk)) + content[states + 12 :]

    frames = content.count(b"fcTL")
    assert reason(stating(frames + 1)) == (
        f"corrupt PNG: it holds {frames} of the {frames + 1} pictures of its animation"
    )
    second = content.index(b"fcTL", content.index(b"IDAT")) - 4
    ppinfer.decode(stating(1)[:second])  # the only picture is whole; the end mark alone is missing


def test_later_picture_of_a_png_has_the_checksum_that_it_states():
    content = bytearray(ANIMATIONS["PNG"])
    content[content.rindex(b"fdAT") + 20] ^= 1
    assert reason(bytes(content)) == "corrupt PNG: a later picture of its animation is damaged"
