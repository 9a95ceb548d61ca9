"""Writes the binary seeds of the fuzz targets: `python tests/fuzz/make_seeds.py`, after pip install pillow==13.0.0.

Text seeds, and those named after what they once broke, are committed by hand.
"""

import io
import struct
import subprocess
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

from PIL import Image

SEEDS = Path(__file__).resolve().parent / "seeds"


def picture(mode: str = "RGB", size: tuple[int, int] = (24, 20)) -> Image.Image:
    ramp = bytes((x * 9 + y * 5 + c * 60) % 256 for y in range(size[1]) for x in range(size[0]) for c in range(3))
    return Image.frombytes("RGB", size, ramp).convert(mode)


def encoded(image: Image.Image, kind: str, **settings: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **settings)
    return file.getvalue()


def run_bmp() -> bytes:
    """8 bits, run-length encoded: a run, an absolute run, the end of a row, a jump, the end."""
    runs = bytes([5, 1, 0, 3, 2, 0, 1, 0, 0, 0, 0, 2, 1, 0, 4, 1, 0, 1])
    header = struct.pack("<IiiHHIIiiII", 40, 8, 3, 1, 8, 1, len(runs), 0, 0, 3, 0)
    palette = bytes([0, 0, 0, 0, 255, 0, 0, 0, 0, 255, 0, 0])
    start = 14 + len(header) + len(palette)
    return struct.pack("<2sIII", b"BM", start + len(runs), 0, start) + header + palette + runs


def masked_bmp(bits: int, masks: tuple[int, int, int]) -> bytes:
    row = bytes(range(8 * bits // 8))
    header = struct.pack("<IiiHHIIiiII", 40, 8, -2, 1, bits, 3, 2 * len(row), 0, 0, 0, 0) + struct.pack("<3I", *masks)
    return struct.pack("<2sIII", b"BM", 14 + len(header) + 2 * len(row), 0, 14 + len(header)) + header + 2 * row


def tiled_tiff() -> bytes:
    """Gray, big-endian, one tile of 16x16."""
    entries = [(256, 3, 12), (257, 3, 10), (258, 3, 8), (259, 3, 1), (262, 3, 1), (274, 3, 6), (322, 3, 16)]
    entries += [(323, 3, 16), (324, 4, 8), (325, 4, 256)]
    directory = b"".join(
        struct.pack(">HHI", tag, kind, 1) + (struct.pack(">HH", value, 0) if kind == 3 else struct.pack(">I", value))
        for tag, kind, value in entries
    )
    return struct.pack(">2sHI", b"MM", 42, 264) + bytes(range(256)) + struct.pack(">H", 10) + directory + bytes(4)


def images() -> Iterable[tuple[str, bytes]]:
    exif = Image.Exif()
    exif[0x0112] = 6
    rgb, gray = picture(), picture("L")
    yield "baseline.jpg", encoded(rgb, "JPEG", quality=50, exif=exif)
    yield "gray_restarts.jpg", encoded(gray, "JPEG", quality=40, restart_marker_blocks=2)
    yield "progressive.jpg", encoded(rgb, "JPEG", quality=40, progressive=True, subsampling=2)
    yield "four_channels.jpg", encoded(picture("CMYK"), "JPEG", quality=30)
    yield "large.jpg", encoded(picture("L", (200, 160)), "JPEG", quality=5)
    yield "rgb.png", encoded(rgb, "PNG", exif=exif)
    yield "palette.png", encoded(rgb.quantize(4), "PNG", transparency=1)
    yield "gray_16_bits.png", encoded(gray.convert("I;16"), "PNG")
    yield "one_bit.png", encoded(picture("1"), "PNG")
    yield "rgb.bmp", encoded(rgb.resize((5, 4)), "BMP")
    yield "one_bit.bmp", encoded(picture("1"), "BMP")
    yield "runs.bmp", run_bmp()
    yield "masks_16_bits.bmp", masked_bmp(16, (0xF800, 0x7E0, 0x1F))
    yield "masks_32_bits.bmp", masked_bmp(32, (0xFF000000, 0xFF0000, 0xFF00))
    yield "masks_beyond_16_bits.bmp", masked_bmp(16, (0xFF0000, 0xFF00, 0xFF))
    frames = [rgb.quantize(8), gray.quantize(8)]
    yield "animated.gif", encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], interlace=1)
    yield "transparent.gif", encoded(frames[1], "GIF", transparency=0, interlace=0)
    yield "lossy.webp", encoded(rgb, "WEBP", quality=20, exif=exif)
    yield "lossless_alpha.webp", encoded(picture("RGBA"), "WEBP", lossless=True)
    yield "animated.webp", encoded(rgb, "WEBP", quality=10, save_all=True, append_images=[gray.convert("RGB")])
    for name, mode, compression in [
        ("plain", "RGB", None),
        ("lzw", "RGB", "tiff_lzw"),
        ("deflate", "L", "tiff_adobe_deflate"),
        ("packbits", "P", "packbits"),
        ("fax", "1", "group4"),
        ("jpeg", "RGB", "jpeg"),
    ]:
        yield f"{name}.tif", encoded(picture(mode, (16, 12)), "TIFF", compression=compression)
    yield "tiled.tif", tiled_tiff()
    yield "turned.avif", encoded(rgb, "AVIF", quality=30, exif=exif)
    yield (
        "alpha_sequence.avif",
        encoded(picture("RGBA"), "AVIF", quality=10, save_all=True, append_images=[picture("RGBA")]),
    )
    yield "rgb.ppm", encoded(rgb.resize((5, 4)), "PPM")
    yield "plain.pgm", b"P2 # plain\n3 2\n9 0 1 2\n3 4 9\n"
    yield "bits.pbm", b"P4 10 2\n\xaa\x40\x55\x80"
    yield "deep.pgm", b"P5 2 2 65535\n\x12\x34\x80\x00\xff\xfe\x00\x01"
    yield "bmp.ico", encoded(picture("RGBA", (16, 16)), "ICO", bitmap_format="bmp", sizes=[(8, 8), (16, 16)])
    yield "png.ico", encoded(picture("RGBA", (16, 16)), "ICO", sizes=[(16, 16)])


def other_starts() -> Iterable[tuple[str, bytes]]:
    yield "heic", struct.pack(">I4s4sI4s4s", 24, b"ftyp", b"mif1", 0, b"mif1", b"heic")
    yield "exif", b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"
    yield "svg", b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'
    yield "targa", struct.pack("<BBBHHBHHHHBB", 0, 0, 2, 0, 0, 0, 0, 0, 2, 2, 24, 0) + bytes(12)


def tar(kind: int) -> bytes:
    file = io.BytesIO()
    small = encoded(picture("L", (3, 2)), "PNG")
    with tarfile.open(fileobj=file, mode="w", format=kind) as archive:
        for name, content in [("a.png", small), ("é/" + "n" * 120 + ".bin", small), ("b.txt", b"text")]:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        for link_type in (tarfile.LNKTYPE, tarfile.SYMTYPE):
            link = tarfile.TarInfo(f"link_{link_type.decode()}.png")
            link.type, link.linkname = link_type, "a.png"
            archive.addfile(link)
    content = file.getvalue().rstrip(b"\0")
    return content + bytes(-len(content) % tarfile.BLOCKSIZE + 2 * tarfile.BLOCKSIZE)


def archives() -> Iterable[tuple[str, bytes]]:
    plain = tar(tarfile.GNU_FORMAT)
    yield "gnu.tar", plain
    yield "pax.tar", tar(tarfile.PAX_FORMAT)
    for ending, command in [("gz", ["gzip", "-9n"]), ("bz2", ["bzip2"]), ("xz", ["xz"]), ("zst", ["zstd", "-q"])]:
        yield f"gnu.tar.{ending}", subprocess.run(command, input=plain, check=True, capture_output=True).stdout
    for name, method in [("stored.zip", zipfile.ZIP_STORED), ("deflated.zip", zipfile.ZIP_DEFLATED)]:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", method) as archive:
            archive.writestr(zipfile.ZipInfo("folder/a.png"), encoded(picture("L", (3, 2)), "PNG"))
            archive.writestr(zipfile.ZipInfo("notes.txt"), b"text" * 50)
        yield name, file.getvalue()


def varint(value: int) -> bytes:
    low, value = value & 0x7F, value >> 7 & 0x1FFFFFFFFFFFFFF
    return bytes([low | 0x80]) + varint(value) if value else bytes([low])


def field(number: int, value: int | bytes) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def models() -> Iterable[tuple[str, bytes]]:
    sides = b"".join(field(1, field(1, side)) for side in (1, 3, 48, 192))
    image = field(1, b"image") + field(2, field(1, field(1, 1) + field(2, sides)))
    entry = field(1, b"location") + field(2, b"weights.bin")
    tensor = field(8, b"w") + field(13, entry)
    branch = field(1, field(5, field(6, field(5, tensor))))
    yield "external.onnx", field(7, field(5, tensor) + field(11, image)) + field(14, field(1, b"key"))
    yield "nested.onnx", field(1, 8) + field(7, branch)
    yield "outside.onnx", field(7, field(5, field(13, field(1, b"location") + field(2, b"../outside.bin"))))
    dims = b"".join(field(2, side) for side in (-1 & (1 << 64) - 1, 3, 224, 224))
    variable = field(1, b"x") + field(2, field(1, 7) + field(3, field(1, field(1, 5) + dims)))
    packed = field(1, b"y") + field(2, field(3, field(1, field(2, varint(3) + varint(64)))))
    feed = field(2, field(1, b"Out") + field(2, b"x")) + field(3, b"feed")
    yield "program.pdmodel", field(1, field(1, 0) + field(3, variable) + field(3, packed) + field(4, feed))


def main() -> None:
    for target, seeds in {
        "decode": images(),
        "headers": other_starts(),
        "archive": archives(),
        "model_file": models(),
    }.items():
        (SEEDS / target).mkdir(parents=True, exist_ok=True)
        for name, content in seeds:
            (SEEDS / target / name).write_bytes(content)


if __name__ == "__main__":
    main()
