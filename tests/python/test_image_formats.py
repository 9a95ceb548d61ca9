"""ppinfer.decode on every kind of TIFF, BMP, WebP and GIF: OpenCV's pixels, Pillow's, or the reason why not."""

import io
import struct
import zlib
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from PIL import Image

import ppinfer
from conftest import picture
from ppinfer import BadImageError

WIDTH, HEIGHT = 37, 29
RGBA = np.dstack([picture(WIDTH, HEIGHT), picture(HEIGHT, WIDTH).transpose(1, 0, 2)[:, :, :1]])
GRAY = np.ascontiguousarray(RGBA[:, :, 0])
RANDOM = np.random.default_rng(5)
NOISE = RANDOM.integers(0, 256, (HEIGHT, WIDTH), dtype=np.uint8)

IMAGES = {
    "1": Image.fromarray(GRAY).convert("1"),
    "L": Image.fromarray(GRAY),
    "LA": Image.fromarray(np.ascontiguousarray(RGBA[:, :, :2]), "LA"),
    "P": Image.fromarray(RGBA[:, :, :3].copy()).quantize(200),
    "RGB": Image.fromarray(RGBA[:, :, :3].copy()),
    "RGBA": Image.fromarray(RGBA, "RGBA"),
    "CMYK": Image.fromarray(RGBA, "CMYK"),
    "YCbCr": Image.fromarray(RGBA[:, :, :3].copy(), "YCbCr"),
    "I;16": Image.fromarray(GRAY.astype(np.uint16) * 251 + NOISE),
}


def saved(mode: str, file_format: str, **settings) -> bytes:
    out = io.BytesIO()
    IMAGES[mode].save(out, file_format, **settings)
    return out.getvalue()


def by_opencv(content: bytes) -> np.ndarray:
    bgr = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    assert bgr is not None
    return bgr[:, :, ::-1]


def by_pillow(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


def reason(content: bytes) -> str:
    with pytest.raises(BadImageError) as caught:
        ppinfer.decode(content)
    return caught.value.message


def pixels_or_reason(content: bytes, **limits: int) -> np.ndarray | str:
    try:
        return ppinfer.decode(content, **limits)
    except BadImageError as error:
        return error.message


def tiff(tags: dict[int, tuple[int, ...]], data: list[bytes], order: str = "<", extra: bytes = b"") -> bytes:
    """A classic TIFF: `data` are its strips, or its tiles where there is a tag for their width."""
    offsets, counts = (324, 325) if 322 in tags else (273, 279)
    start = 8 + len(extra)
    starts = tuple(start + sum(map(len, data[:index])) for index in range(len(data)))
    tags = {counts: tuple(map(len, data)), **tags, offsets: tags.get(offsets, starts)}
    body = extra + b"".join(data)
    body += b"\0" * (len(body) % 2)
    directory = 8 + len(body)
    values_at = directory + 2 + 12 * len(tags) + 4
    entries, values = b"", b""
    for tag, numbers in sorted(tags.items()):
        packed = struct.pack(f"{order}{len(numbers)}I", *numbers)
        inline = packed if len(numbers) == 1 else struct.pack(f"{order}I", values_at + len(values))
        entries += struct.pack(f"{order}HHI", tag, 4, len(numbers)) + inline
        values += packed if len(numbers) > 1 else b""
    magic = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HI", 42, directory)
    return magic + body + struct.pack(f"{order}H", len(tags)) + entries + bytes(4) + values


def tags_of(width: int, height: int, bits: tuple[int, ...], photometric: int, **others: int) -> dict:
    numbers = {"rows_per_strip": 278, "compression": 259, "planar": 284, "extra": 338, "format": 339, "subfile": 254}
    tags = {256: (width,), 257: (height,), 258: bits, 259: (1,), 262: (photometric,), 277: (len(bits),), 278: (height,)}
    return tags | {numbers[name]: (value,) for name, value in others.items()}


def packed(pixels: np.ndarray, bits: int) -> bytes:
    """Rows of `bits` a pixel, each filled up to a byte."""
    binary = np.unpackbits(pixels[:, :, None], axis=2)[:, :, 8 - bits :]
    return np.packbits(binary.reshape(len(pixels), -1), axis=1).tobytes()


def gray_tiff(bits: int, photometric: int = 1) -> bytes:
    return tiff(tags_of(WIDTH, HEIGHT, (bits,), photometric), [packed(GRAY >> (8 - bits), bits)])


def planar_tiff() -> bytes:
    planes = [RGBA[:, :, channel].tobytes() for channel in range(3)]
    return tiff(tags_of(WIDTH, HEIGHT, (8, 8, 8), 2, planar=2), planes)


def tiled_tiff(order: str) -> bytes:
    padded = np.pad(RGBA[:, :, :3], ((0, 32 - HEIGHT), (0, 48 - WIDTH), (0, 0)))
    tiles = [zlib.compress(padded[y : y + 16, x : x + 16].tobytes()) for y in (0, 16) for x in (0, 16, 32)]
    tags = tags_of(WIDTH, HEIGHT, (8, 8, 8), 2, compression=8) | {322: (16,), 323: (16,)}
    del tags[278]
    return tiff(tags, tiles, order)


def alpha_tiff(kind: int) -> bytes:
    return tiff(tags_of(WIDTH, HEIGHT, (8, 8, 8, 8), 2, extra=kind), [RGBA.tobytes()])


def bogus_count_tiff() -> bytes:
    return tiff(tags_of(WIDTH, HEIGHT, (8,), 1) | {279: (0xFFFFFF00,)}, [GRAY.tobytes()])


def cv2_tiff(pixels: np.ndarray, compression: int) -> bytes:
    return cv2.imencode(".tiff", pixels, [cv2.IMWRITE_TIFF_COMPRESSION, compression])[1].tobytes()


STRIPS = {"strip_size": 8 * WIDTH * 3}  # several a picture
CODECS = ("packbits", "tiff_lzw", "tiff_adobe_deflate", "jpeg")
TIFFS = {
    **{mode: saved(mode, "TIFF") for mode in IMAGES},
    **{
        f"{mode} {codec}": saved(mode, "TIFF", compression=codec, **STRIPS) for mode in ("L", "RGB") for codec in CODECS
    },
    **{f"1 {codec}": saved("1", "TIFF", compression=codec) for codec in ("group3", "group4", "tiff_ccitt")},
    **{f"{mode} predicted": saved(mode, "TIFF", compression="tiff_lzw", tiffinfo={317: 2}) for mode in ("L", "RGB")},
    "P lzw": saved("P", "TIFF", compression="tiff_lzw"),
    "YCbCr jpeg": saved("YCbCr", "TIFF", compression="jpeg", **STRIPS),
    "big": saved("RGB", "TIFF", big_tiff=True),
    "RGB 16 bits": cv2_tiff(RGBA[:, :, :3].astype(np.uint16) * 251 + 7, 5),
    "RGBA 16 bits": cv2_tiff(RGBA.astype(np.uint16) * 251 + 7, 1),
    "several pages": saved("RGB", "TIFF", save_all=True, append_images=[IMAGES["L"]]),
    "planar": planar_tiff(),
    "tiled": tiled_tiff("<"),
    "big-endian tiles": tiled_tiff(">"),
    "white is 0": gray_tiff(8, 0),
    "bogus count": bogus_count_tiff(),
    **{f"alpha {kind}": alpha_tiff(kind) for kind in (0, 1, 2)},
    **{
        f"turned {to}": saved("RGB", "TIFF", tiffinfo={274: to}, compression="tiff_lzw", **STRIPS) for to in range(1, 9)
    },
}


def bmp(width: int, height: int, bits: int, data: bytes, compression: int = 0, **others) -> bytes:
    header_bytes, palette, masks = others.get("header", 40), others.get("palette", b""), others.get("masks", b"")
    if header_bytes == 12:
        info = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, compression, len(data), 0, 0, 0, 0)
        info = struct.pack("<I", header_bytes) + (info + masks)[4:].ljust(header_bytes - 4, b"\0")
    start = 14 + len(info) + len(palette)
    return b"BM" + struct.pack("<IHHI", start + len(data), 0, 0, start) + info + palette + data


PALETTE = RANDOM.integers(0, 256, (256, 4), dtype=np.uint8)
RUNS_8 = bytes([5, 1, 0, 3, 2, 3, 4, 0, 0, 0]) + bytes([0, 2, 3, 1]) + bytes([4, 9, 0, 0, 8, 7, 0, 1])
RUNS_4 = bytes([5, 0x12, 0, 3, 0x23, 0x40, 0, 0]) + bytes([8, 0x77, 0, 0]) * 3


def plain_bmps() -> dict[str, bytes]:
    files = {}
    for bits in (1, 4, 8, 16, 24, 32):
        for width in (1, 7, 8, 33):
            data = RANDOM.integers(0, 256, (width * bits + 31) // 32 * 4 * 5, dtype=np.uint8).tobytes()
            palette = PALETTE[: 1 << bits] if bits <= 8 else PALETTE[:0]
            files[f"{bits} bits, {width} wide"] = bmp(width, 5, bits, data, palette=palette.tobytes())
            files[f"{bits} bits, {width} wide, top row first"] = bmp(width, -5, bits, data, palette=palette.tobytes())
            if bits != 16:
                of_os2 = palette[:, :3].tobytes()
                files[f"{bits} bits, {width} wide, OS/2"] = bmp(width, 5, bits, data, palette=of_os2, header=12)
    return files


def masked_bmps() -> dict[str, bytes]:
    files = {}
    data = RANDOM.integers(0, 256, 8 * 4 * 5, dtype=np.uint8).tobytes()
    for name, masks in {"565": (0xF800, 0x7E0, 0x1F), "555": (0x7C00, 0x3E0, 0x1F)}.items():
        files[name] = bmp(8, 5, 16, data, 3, header=52, masks=struct.pack("<III", *masks))
        files[name] = files[name][:14] + struct.pack("<I", 40) + files[name][18:]  # masks behind the header
    for name, masks in {"RGBA": (0xFF, 0xFF00, 0xFF0000), "ten": (0x3FF00000, 0xFFC00, 0x3FF)}.items():
        files[name] = bmp(8, 5, 32, data, 3, header=124, masks=struct.pack("<III", *masks))
    return files


BMPS = {
    **{mode: saved(mode, "BMP") for mode in ("1", "L", "P", "RGB", "RGBA")},
    **plain_bmps(),
    **masked_bmps(),
    "runs of 8 bits": bmp(8, 4, 8, RUNS_8, 1, palette=PALETTE.tobytes()),
    "runs of 4 bits": bmp(8, 4, 4, RUNS_4, 2, palette=PALETTE[:16].tobytes()),
}
FRAMES = {"save_all": True, "append_images": [IMAGES["RGB"].rotate(180)]}
WEBPS = {
    **{f"{mode} lossless": saved(mode, "WEBP", lossless=True) for mode in ("L", "RGB", "RGBA")},
    **{f"{mode} lossy": saved(mode, "WEBP", quality=80) for mode in ("L", "RGB", "RGBA")},
    "animated": saved("RGBA", "WEBP", lossless=True, **FRAMES),
    "animated lossy": saved("RGBA", "WEBP", quality=70, **FRAMES),
}
GIFS = {
    **{mode: saved(mode, "GIF") for mode in ("1", "L", "P", "RGB", "RGBA")},
    "not interlaced": saved("P", "GIF", interlace=0),
    "animated": saved("RGB", "GIF", **FRAMES),
}


@pytest.mark.parametrize("files", [TIFFS, BMPS, WEBPS, GIFS], ids=["TIFF", "BMP", "WebP", "GIF"])
def test_pixels_are_those_of_opencv(files):
    for name, content in files.items():
        np.testing.assert_array_equal(ppinfer.decode(content), by_opencv(content), name)


def gif_with(screen: bytes) -> bytes:
    return GIFS["P"][:6] + screen + GIFS["P"][10:]


def gif_of_long_codes() -> bytes:
    """Pixels as codes of 12 bits: the smallest that this file has, in which no string is ever used."""
    codes = [2048, *(NOISE % 200).ravel().tolist(), 2049]
    bits = sum(code << 12 * place for place, code in enumerate(codes))
    data = bits.to_bytes((12 * len(codes) + 7) // 8, "little")
    blocks = b"".join(bytes([len(data[at : at + 255])]) + data[at : at + 255] for at in range(0, len(data), 255))
    head = b"GIF89a" + struct.pack("<HHBBB", WIDTH, HEIGHT, 0xF7, 0, 0) + PALETTE[:, :3].tobytes()
    return head + b"," + struct.pack("<HHHHB", 0, 0, WIDTH, HEIGHT, 0) + b"\x0b" + blocks + b"\0;"


@pytest.mark.parametrize(
    "content",
    [
        *[gray_tiff(bits, photometric) for bits in (2, 4) for photometric in (0, 1)],
        *[saved(mode, "TIFF", compression=codec) for mode in ("L", "RGB") for codec in ("lzma", "zstd")],
        GIFS["P"][:-1],  # without the byte that ends it
        gif_with(bytes(4)),
        gif_with(struct.pack("<HH", 8, 9)),
        gif_of_long_codes(),
    ],
)
def test_pixels_are_those_of_pillow_where_opencv_has_none(content):
    np.testing.assert_array_equal(ppinfer.decode(content), by_pillow(content))


def samples(bits: int, sample_format: int) -> bytes:
    return tiff(tags_of(4, 4, (bits,), 1, format=sample_format), [bytes(4 * 4 * bits // 8)])


def raw_tiff(tag: int, maker: bytes = b"") -> bytes:
    content = tiff(tags_of(8, 8, (8,), 1, subfile=1) | {271: (0,), tag: (8,)}, [bytes(64)], extra=maker)
    entry = content.index(struct.pack("<HHI", 271, 4, 1))
    content = content[:entry] + struct.pack("<HHII", 271, 2, len(maker), 8) + content[entry + 12 :]
    version, as_bytes = struct.pack("<HHI", 50706, 4, 1), struct.pack("<HHI", 50706, 1, 4)  # it is no number
    return content.replace(version, as_bytes)


def long_strips(more: int) -> bytes:
    strips = [GRAY[y : y + 8].tobytes() for y in range(0, HEIGHT, 8)]
    return tiff(tags_of(WIDTH, HEIGHT, (8,), 1) | {278: (8,), 279: (len(strips[0]) + more,) * len(strips)}, strips)


JPEG_LS = bytes.fromhex("ffd8fff7000b080004000401011100ffda0008010100000000ffd9")


def png_of(more_rows: bytes, before: tuple[bytes, bytes] | None = None) -> bytes:
    """8x8 pixels of gray with `more_rows` behind its own, perhaps with a chunk before all others."""
    header = struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(72) + more_rows)), (b"IEND", b"")]
    packed = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ([before, *chunks] if before else chunks)
    )
    return b"\x89PNG\r\n\x1a\n" + packed


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (long_strips(10**6), "corrupt TIFF: "),  # nothing of the file is missing
        (long_strips(0)[:999], "truncated TIFF: "),
        (samples(32, 3), "TIFF with 32-bit float samples is not supported"),
        (samples(64, 3), "TIFF with 64-bit float samples is not supported"),
        (samples(32, 1), "TIFF with 32-bit samples is not supported"),
        (samples(32, 2), "TIFF with 32-bit signed integer samples is not supported"),
        (samples(12, 1), "TIFF with 12-bit samples is not supported"),
        (tiff(tags_of(4, 4, (8,), 1, compression=34712), [bytes(16)]), "TIFF with compression 34712 is not supported"),
        (
            tiff(tags_of(9, 9, (8,), 1) | {277: (65535,)}, [bytes(81)]),
            "TIFF with 65535 samples a pixel is not supported",
        ),
        (tiff(tags_of(9000, 9000, (8,), 1, compression=5), [bytes(99)]), "corrupt TIFF: the file has fewer bytes"),
        (tiff(tags_of(300, 300, (8,) * 3, 2), [bytes(90_000)]), "truncated TIFF: "),  # one sample a pixel is there
        (tiff(tags_of(8, 8, (1,), 0, compression=34661), [bytes(99)]), "TIFF with compression 34661 is not supported"),
        (tiff(tags_of(4, 4, (16,), 32803), [bytes(32)]), "camera raw is not supported"),
        (raw_tiff(50706, b"Maker..\0"), "DNG (raw) is not supported"),
        (raw_tiff(330, b"NIKON..\0"), "NEF (raw) is not supported"),
        (raw_tiff(330, b"SONY...\0"), "ARW (raw) is not supported"),
        (raw_tiff(330, b"Maker..\0"), "camera raw is not supported"),
        (tiff(tags_of(4, 4, (4,), 3), [bytes(8)]), "corrupt TIFF: "),
        (bmp(4, 4, 13, bytes(99)), "BMP with 13 bits a pixel and compression 0 is not supported"),
        (bmp(4, 4, 32, bytes(99), 4), "BMP with 32 bits a pixel and compression 4 is not supported"),
        (bmp(4, 4, 8, bytes([5, 1]) * 9, 1, palette=PALETTE.tobytes()), "corrupt BMP: a run is longer than its row"),
        (bmp(4, 4, 8, bytes([4, 1]) * 3, 1, palette=PALETTE.tobytes()), "truncated BMP: the file ends early"),
        (
            bmp(4, 4, 8, bytes([4, 1, 0, 0, 4, 2, 0, 1]), 1, palette=PALETTE.tobytes()),
            "corrupt BMP: its runs end before its last row",
        ),
        (GIFS["P"][:-9], "truncated GIF: the file ends early"),
        (JPEG_LS, "JPEG-LS is not supported"),
        (png_of(b"", (b"CgBI", b"P\0 \2")), "PNG as Xcode packs it (chunk CgBI) is not supported"),
        (png_of(RANDOM.bytes(200_000)), "corrupt PNG: more data than its picture has"),
    ],
)
def test_reason_is_true(content, expected):
    assert reason(content).startswith(expected)


@pytest.mark.parametrize("is_tiled", [False, True])
@pytest.mark.parametrize("compression", [5, 8, 50000])  # LZW, deflate, Zstandard
def test_strips_and_tiles_take_memory_as_max_pixels_allows(is_tiled, compression):
    tags = tags_of(100, 100, (16,) * 16, 2, compression=compression)
    if is_tiled:
        del tags[278]
        tags |= {322: (96,), 323: (96,)}
    height, part_bytes = (96, 96 * 96 * 32) if is_tiled else (100, 100 * 100 * 32)
    told = pixels_or_reason(tiff(tags, [bytes(999)] * (4 if is_tiled else 1)), max_pixels=10_000)
    parts = "tiles of 96x96" if is_tiled else f"strips of 100x{height}"
    assert told == (
        f"TIFF with {parts} px that take {part_bytes} bytes each, more than the 80000 that max_pixels 10000 allows"
    )


def strip_of(content: bytes) -> slice:
    directory = Image.open(io.BytesIO(content)).tag_v2
    return slice(directory[273][0], directory[273][0] + directory[279][0])


@pytest.mark.parametrize("codec", [*CODECS, "group3", "group4", "tiff_ccitt", "lzma", "zstd"])
def test_tiff_strips_that_end_early_or_hold_other_bytes_are_errors(codec, capfd):
    content = saved("1" if codec in ("group3", "group4", "tiff_ccitt") else "RGB", "TIFF", compression=codec)
    strip = strip_of(content)
    length = strip.stop - strip.start
    for share in (0.1, 0.5, 0.9):
        kept = int(length * share)
        # The count of bytes says how many there are, or the rest is noise.
        shortened = bytearray(content)
        for entry in range(len(content) - 12):
            if content[entry : entry + 4] in (b"\x17\x01\x03\x00", b"\x17\x01\x04\x00"):
                struct.pack_into("<HI", shortened, entry + 2, 4, 1)
                struct.pack_into("<I", shortened, entry + 8, kept)
        noise = content[: strip.start + kept] + bytes(RANDOM.integers(0, 256, length - kept, dtype=np.uint8))
        assert reason(bytes(shortened)).startswith("corrupt TIFF: "), share
        if codec not in ("packbits", "zstd", "lzma"):  # to them, which have no checksum, most bytes make sense
            assert reason(noise + content[strip.stop :]).startswith("corrupt TIFF: "), share
    assert capfd.readouterr().err == ""


def damaged(content: bytes, anything: Callable[[int], int]) -> bytes:
    start = anything(len(content))
    noise = bytes(RANDOM.integers(0, 256, 1 + anything(40), dtype=np.uint8))
    return (content[:start] + noise + content[start + len(noise) :])[: len(content)]


@pytest.mark.parametrize("files", [TIFFS, BMPS, WEBPS, GIFS], ids=["TIFF", "BMP", "WebP", "GIF"])
def test_cut_file_never_gives_other_pixels_and_no_library_writes_to_stderr(files, capfd):
    for name, content in files.items():
        pixels = ppinfer.decode(content)
        for length in range(2, len(content), max(1, len(content) // 25)):
            of_part = pixels_or_reason(content[:length])
            assert isinstance(of_part, str) or np.array_equal(of_part, pixels), f"{name}, {length} bytes"
        for _ in range(10):
            told = pixels_or_reason(damaged(content, RANDOM.integers), max_pixels=10**6)
            assert not isinstance(told, str) or "\n" not in told
    assert capfd.readouterr().err == ""


def with_chunk_bytes(content: bytes, chunk: bytes, place: int, chunk_bytes: int) -> bytes:
    at = -1
    for _ in range(place):
        at = content.index(chunk, at + 1)
    return content[: at + 4] + struct.pack("<I", chunk_bytes) + content[at + 8 :]


def test_webp_whose_chunks_are_damaged_is_an_error_also_of_later_pictures():
    animated = WEBPS["animated lossy"]
    for chunk_bytes in (5, 100, 10**6):
        assert reason(with_chunk_bytes(animated, b"ANMF", 2, chunk_bytes)).startswith("corrupt WebP: ")
    still = WEBPS["RGB lossy"]
    short = still[:-200]  # its chunks agree with the file's length
    short = (
        short[:4] + struct.pack("<I", len(short) - 8) + short[8:16] + struct.pack("<I", len(short) - 20) + short[20:]
    )
    assert reason(short) == "corrupt WebP: the picture's data end early"
    assert reason(still[:-1]) == "truncated WebP: the file ends early"
