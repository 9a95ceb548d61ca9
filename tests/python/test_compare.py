"""`ppinfer compare` names the stage, the image and the key."""

import importlib.util
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import cv2
import numpy as np
import pytest

from conftest import SCRIPTS, jpeg_with_orientation, png, write_config
from ppinfer import Error
from ppinfer.image_folder import images_in_folder
from ppinfer.measure.compare.paddleclas import PaddleClasSide
from ppinfer.measure.compare.sides import OwnSide

STAGES = ["decoded", "resized", "tensor", "logits", "top-k"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A config A, and photos: two that no change of the resize leaves alone, one flat one, and one bad one."""
    write_config(tmp_path / "a", config="crop_size 40\nresize_short_size 48\n")
    photos = tmp_path / "photos"
    photos.mkdir()
    random = np.random.default_rng(7)
    for name, (height, width) in (("1.png", (90, 70)), ("2.png", (61, 200))):
        cv2.imwrite(str(photos / name), random.integers(0, 256, (height, width, 3), dtype=np.uint8))
    cv2.imwrite(str(photos / "3.png"), np.full((50, 60, 3), 90, np.uint8))
    (photos / "4.jpg").write_bytes(b"no image")
    return tmp_path


def compare(folder: Path, *arguments: object, config: Path | None = None) -> subprocess.CompletedProcess[str]:
    a = folder / "a/config.txt"
    command = [SCRIPTS / "ppinfer", "compare", a, config or a, folder / "photos", *arguments]
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)


def found(folder: Path, *arguments: object) -> dict:
    done = compare(folder, *arguments, "--json")
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout)


def test_a_config_agrees_with_itself(folder):
    report = found(folder)
    assert (report["agrees"], report["images"], report["differences"]) == (True, 4, [])
    (bad,) = report["bad"]
    assert (Path(bad["path"]).name, bad["stage"]) == ("4.jpg", "decoded")
    assert "not an image" in bad["reason"]
    assert [stage["stage"] for stage in report["stages"]] == STAGES
    assert [stage["compared"] for stage in report["stages"]] == [3] * 5
    done = compare(folder)
    assert done.returncode == 0
    assert "all 4 images agree at every stage, 1 of them bad on both sides" in done.stdout
    assert re.search(r"^bad on both sides: .*4\.jpg: decoded: not an image", done.stdout, re.MULTILINE)
    assert done.stderr == ""  # no terminal, no progress


@pytest.mark.parametrize(
    ("key", "stage", "explained", "differing"),
    [
        ("interpolation=nearest", "resized", "interpolation bilinear | nearest", 2),
        ("resize_backend=pil", "resized", "resize_backend cv2 | pil", 2),
        ("crop_ratio=0.5", "resized", "crop_ratio 0 | 0.5", 2),
        ("crop_size=32", "resized", "crop_size 40 | 32", 3),
        ("resize_short_size=60", "resized", "resize_short_size 48 | 60", 2),
        ("scale=0.5", "tensor", "scale 0.00392156862745098 | 0.5", 3),
        ("std=0.5,0.5,0.5", "tensor", "std 1,1,1 | 0.5,0.5,0.5", 3),
        ("round_to_fp16=1", "tensor", "round_to_fp16 0 | 1", 3),
        ("mean=0.1,0.1,0.1", "tensor", "mean 0,0,0 | 0.1,0.1,0.1", 3),
        ("channel_order=bgr", "tensor", "channel_order rgb | bgr", 2),
        ("channel_num=4", "tensor", "channel_num 3 | 4", 3),
        ("topk=2", "top-k", "topk 5 | 2", 3),
        ("softmax=on", "top-k", "softmax off | on", 3),  # the same ids, other scores
    ],
)
def test_a_key_that_differs_is_named_with_its_stage(folder, key, stage, explained, differing):
    report = found(folder, "-b", key)
    assert not report["agrees"]
    assert {difference["stage"] for difference in report["differences"]} == {stage}
    assert len(report["differences"]) == differing
    (summary,) = (summary for summary in report["stages"] if summary["first_differences"])
    assert (summary["stage"], summary["first_differences"], summary["keys"]) == (stage, differing, [explained])
    assert summary["worst"].startswith(str(folder / "photos"))
    done = compare(folder, "-b", key)
    assert done.returncode == 1
    assert (
        f"{differing} of 4 images differ, 1 of them bad on both sides, first at: {stage} ({explained})" in done.stdout
    )


def test_how_much_and_where_is_the_truth(folder):
    brighter = cv2.imread(str(folder / "photos/3.png"))
    report = found(folder, "-b", "scale=1/510")
    flat = next(difference for difference in report["differences"] if difference["path"].endswith("3.png"))
    expected = float(brighter[0, 0, 0]) / 510
    assert (flat["stage"], flat["largest"], flat["mean"]) == (
        "tensor",
        pytest.approx(expected),
        pytest.approx(expected),
    )
    tensor = report["stages"][STAGES.index("tensor")]
    assert tensor["largest"] == max(difference["largest"] for difference in report["differences"]) > 0.4
    assert tensor["worst"] == report["differences"][0]["path"]
    tolerant = found(folder, "-b", "scale=1/510", "--tensor-tolerance=1", "--logits-tolerance=9")
    assert {difference["stage"] for difference in tolerant["differences"]} == {"top-k"}


def test_images_that_only_one_side_refuses(folder):
    report = found(folder, "-b", "max_pixels=10000")
    (difference,) = report["differences"]
    assert (Path(difference["path"]).name, difference["stage"]) == ("2.png", "decoded")
    assert re.match(r"fine \| .*10000", difference["note"])
    (summary,) = (summary for summary in report["stages"] if summary["first_differences"])
    assert summary["stage"] == "decoded"
    assert (summary["worst"], summary["largest"], summary["note"]) == (difference["path"], None, difference["note"])
    assert summary["keys"] == ["max_pixels 89478485 | 10000"]


def test_images_that_are_refused_for_different_reasons(folder):
    report = found(folder, "-a", "max_pixels=10000", "-b", "max_pixels=9000")
    (difference,) = report["differences"]
    assert (Path(difference["path"]).name, difference["stage"]) == ("2.png", "decoded")
    assert re.match(r".*10000 \| .*9000$", difference["note"])
    assert [Path(bad["path"]).name for bad in report["bad"]] == ["4.jpg"]


def test_a_turned_photo(folder):
    (folder / "photos/5.jpg").write_bytes(jpeg_with_orientation(6))
    report = found(folder, "-b", "exif_rotate=0")
    (difference,) = report["differences"]
    assert (Path(difference["path"]).name, difference["stage"]) == ("5.jpg", "decoded")
    assert difference["note"] == "shape [61, 40, 3] | [40, 61, 3]"
    assert report["stages"][0]["keys"] == ["exif_rotate 1 | 0"]


def test_another_model(folder):
    b = write_config(folder / "b", model="fail_above 0.4", config="crop_size 40\nresize_short_size 48\n")
    done = compare(folder, "--json", config=b)
    report = json.loads(done.stdout)
    assert {Path(difference["path"]).name for difference in report["differences"]} == {"1.png", "2.png"}  # 3 is dark
    (summary,) = (summary for summary in report["stages"] if summary["first_differences"])
    assert summary["stage"] == "logits"
    assert summary["keys"] == [f"cls_model_path {folder}/a/model.fake | {folder}/b/model.fake"]


def test_attributes_are_answers(tmp_path):
    write_config(tmp_path / "a", model="classes 26")
    (tmp_path / "a/labels.txt").write_text("".join(f"{i} class {i}\n" for i in range(26)))
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos/1.png").write_bytes(png(3))
    report = found(tmp_path, "-o", "postprocess=person_attribute", "-b", "threshold=0.01")
    (difference,) = report["differences"]
    assert difference["stage"] == "top-k"
    assert report["stages"][-1]["keys"] == ["threshold 0.5 | 0.01"]


def test_tolerance_of_pixels(folder):
    strict = found(folder, "-b", "resize_backend=pil")["stages"][1]
    assert strict["first_differences"] == 2
    loose = found(folder, "-b", "resize_backend=pil", f"--pixel-tolerance={strict['largest']}")["stages"][1]
    assert (loose["first_differences"], loose["largest"]) == (0, strict["largest"])


def test_limit(folder):
    assert found(folder, "--limit", 2)["images"] == 2


def test_limit_stops_looking(photo_folder):
    """The images are listed without anything being classified."""
    folder = photo_folder(200)
    assert images_in_folder(str(folder), limit=3) == [str(folder / f"{index:03}.png") for index in range(3)]
    assert len(images_in_folder(str(folder))) == 200


def test_notices_are_said_as_by_classify(folder):
    done = compare(folder, "-o", "cpu_math_library_num_threads=64")
    assert done.returncode == 0
    assert re.match(r"ppinfer: note: .*a/config\.txt: cpu_math_library_num_threads 64 is not used", done.stderr)
    assert "UserWarning" not in done.stderr


@pytest.mark.parametrize("missing", ["paddleclas", "cv2", "six"])
def test_missing_oracle(config_path, monkeypatch, missing):
    with OwnSide(str(config_path), {}).predictor as predictor:
        keys = {key: value.value for key, value in predictor.config.items()}
    for name in [name for name in sys.modules if name.split(".")[0] == "paddleclas"]:
        monkeypatch.delitem(sys.modules, name)
    if missing == "paddleclas":
        find = importlib.util.find_spec
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == missing else find(name))
    else:
        monkeypatch.setitem(sys.modules, missing, None)
    told = f"oracle paddleclas needs {missing}: pip install --no-deps paddleclas==2.6.0 six opencv-python-headless"
    with pytest.raises(Error, match=re.escape(told)):
        PaddleClasSide(keys)


class Sources(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.sources: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "br", "img"):
            self.open.append(tag)
        self.sources += [str(value) for name, value in attrs if name in ("src", "href")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_page_needs_no_other_file(folder):
    page = folder / "page & more.html"
    (folder / "photos/1.png").rename(folder / "photos/<b>&.png")
    assert compare(folder, "-b", "interpolation=nearest", "--html", page).returncode == 1
    text = page.read_text()
    parser = Sources()
    parser.feed(text)
    assert parser.open == []
    assert len(parser.sources) == 6  # of two images: A, B and their difference
    assert all(source.startswith("data:image/png;base64,") for source in parser.sources)
    assert "&lt;b&gt;&amp;.png" in text
    assert "<b>&" not in text
    assert "interpolation bilinear | nearest" in text
    assert re.search(r"Bad on both sides.*4\.jpg</td><td>decoded</td><td>not an image", text, re.DOTALL)
    photo = folder / "photos/2.png"
    before = photo.read_bytes()
    done = compare(folder, "--html", photo)
    assert (done.returncode, "2.png: that is an image's name" in done.stderr) == (2, True)
    assert photo.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--oracle", "torch", "x"], "torch: expected paddleclas"),
        (["x"], "got 4 paths, expected A B FOLDER"),
        (["--oracle", "paddleclas"], "got 3 paths, expected CONFIG FOLDER with --oracle"),
        (["-b", "topk"], "expected KEY=VALUE"),
        (["-b", "topk=none"], "topk"),
        (["--logits-tolerance", "nan"], "nan: expected a finite number"),
        (["--interpolation", "area"], "keys are set by -o interpolation=area"),
    ],
)
def test_wrong_calls(folder, arguments, message):
    done = compare(folder, *arguments)
    assert done.returncode == 2
    assert message in re.sub(r"\s*│?\n│?\s*", " ", done.stderr)
    assert "Traceback" not in done.stderr


def test_folders_without_images(folder):
    empty = folder / "empty"
    empty.mkdir()
    command = [str(SCRIPTS / "ppinfer"), "compare", str(folder / "a/config.txt"), str(folder / "a/config.txt")]
    for images, message in ((empty, "no images in"), (folder / "nowhere", "not a folder")):
        done = subprocess.run([*command, str(images)], capture_output=True, text=True, check=False)
        assert done.returncode == 2
        assert message in done.stderr
