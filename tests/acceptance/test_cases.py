"""Small inputs from public bug reports, kept apart from the project: each is answered, or refused with its true reason.

`PPINFER_CASES=FOLDER` names the folder.
"""

import json
import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

import ppinfer

CASES = Path(os.environ.get("PPINFER_CASES", ""))
BIN = Path(sys.executable).parent

pytestmark = pytest.mark.skipif("PPINFER_CASES" not in os.environ, reason="PPINFER_CASES isn't set")

OK = "ok"
IMAGES = {
    "corrupt_called_truncated/hopper_bad_exif.jpg": "corrupt JPEG",
    "dng_thumbnail/a.dng": r"DNG \(raw\) is not supported",
    "folder_skips_images/photos/IMG_0001.HEIC": OK,
    "folder_skips_images/photos/b.avif": OK,
    "folder_skips_images/photos/saved_by_a_browser.jfif": OK,
    "folder_skips_images/hashes/0f3a9c": OK,
    "gif_min_code_size_11/issue_2811.gif": OK,
    "jpeg_400_scans/jpg_400scans.jpg": "more than max_pixels",
    "png_chunk_claims_2gib/x.png": "truncated PNG",
    "tiff_strip_ends_early/deflate_10pct.tif": "corrupt TIFF",
    "tiff_strip_ends_early/deflate_empty.tif": "corrupt TIFF",
    "tiff_strip_ends_early/jpeg_garbage.tif": "corrupt TIFF",
    "tiff_strip_ends_early/lzw_garbage.tif": "corrupt TIFF",
    "tiff_strip_ends_early/none_short_counts.tif": "(corrupt|truncated) TIFF",
    "unnamed_formats/a.svg": "SVG is not supported",
    "unnamed_formats/hopper.ico": OK,
    "unnamed_formats/hopper.ppm": OK,
    "unnamed_formats/rgb_trns_ycbc.j2k": "JPEG 2000 is not supported",
    "unnamed_formats/seven.zip": "7z archive",
    "valid_called_corrupt/10ct_32bit_128.tiff": "32-bit float samples is not supported",
    "valid_called_corrupt/12bit.cropped.tif": "12-bit samples is not supported",
    "valid_called_corrupt/hopper4.tif": OK,
    "valid_called_corrupt/testorig12.jpg": "12 bits a sample is not supported",
    "webp_exif_orientation/hopper_orientation_6.webp": OK,
    "words_of_bad_images/i32.tif": "32-bit signed integer samples is not supported",
    "words_of_bad_images/lossless_sof3.jpg": "lossless JPEG is not supported",
    "words_of_bad_images/no_iend.png": OK,
    "words_of_bad_images/no_trailer.gif": OK,
    "words_of_bad_images/screen_0x0.gif": OK,
    "words_of_bad_images/screen_smaller.gif": OK,
}


def clas_system(*arguments: object, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [BIN / "clas_system", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, timeout=300)


@pytest.mark.parametrize(("path", "expected"), IMAGES.items())
def test_an_image(path, expected):
    try:
        ppinfer.decode(CASES / "images" / path)
        found = OK
    except ppinfer.BadImageError as error:
        found = error.message
        assert "\n" not in found
    assert re.search(expected, found), found


def test_all_images_in_one_run_stay_within_bounds(tmp_path):
    """400 MB of memory with two lanes; a reader of all files has a record of each, on its path."""
    images = CASES / "images"
    model = images / "folder_skips_images/model.onnx"
    done = clas_system(
        *("-m", model, "-o", "lanes=2", "--format", "jsonl", "--output", tmp_path / "r.jsonl", images), folder=tmp_path
    )
    assert done.returncode == 1, done.stderr
    records = [json.loads(line) for line in (tmp_path / "r.jsonl").read_text().splitlines()]
    assert len({record["path"] for record in records}) >= 60
    assert all(record["error"]["stage"] != "machine" for record in records if record["status"] == "error")
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024 < 400


@pytest.mark.parametrize("name", ["id_colon_sorted_as_text.txt", "name_comma_id.csv", "list.json", "map.json"])
def test_labels(name):
    folder = CASES / "models/labels_in_other_forms"
    done = clas_system("-m", "model.onnx", "-o", f"label_path={name}", "red.png", "green.png", folder=folder)
    said = [line.split()[2] for line in done.stdout.splitlines()]
    assert said == ["RED", "GREEN"], done.stdout + done.stderr


@pytest.mark.parametrize(
    ("folder", "arguments", "expected"),
    [
        ("one_output_binary", ["-m", "sigmoid.onnx", "red.png"], "postprocess threshold"),
        ("softmax_over_batch", ["-m", "model.onnx", "red.png"], "another axis"),
        ("engine_reason_lost", ["-m", "unknown_operator.onnx", "red.png"], "QGemmish"),
        ("engine_reason_lost", ["-m", "weights_file_missing.onnx", "red.png"], r"model\.onnx\.data"),
        ("names_that_are_files", ["-m", "git_lfs_pointer.onnx", "red.png"], "git lfs pull"),
        ("model_ends_refused", ["-m", "argmax_only.onnx", "red.png"], "output_tensor"),
    ],
)
def test_a_model_that_is_refused(folder, arguments, expected):
    done = clas_system(*arguments, folder=CASES / "models" / folder)
    assert done.returncode == 2, done.stdout
    assert re.search(expected, done.stderr), done.stderr


def test_a_small_model_sees_the_whole_picture():
    done = clas_system(
        *("-m", "model.onnx", "-o", "label_path=rgb.txt", "blue_with_red_spot.png"),
        folder=CASES / "models/onnx_small_input_sees_the_middle",
    )
    assert done.stdout.split()[2] == "blue", done.stdout
    assert re.search(r"[Gg]uessed.*mean", done.stderr), done.stderr


def test_shapes_that_overflow():
    done = clas_system("-m", "k1.xml", "k1.bin", folder=CASES / "security")
    assert done.returncode == 2, done.stdout
