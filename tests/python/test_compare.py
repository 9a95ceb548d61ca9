"""`ppinfer compare` names the stage, the image and the key."""

import json
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import cv2
import numpy as np
import pytest

from conftest import SCRIPTS, write_config

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
    assert (report["agrees"], report["images"], report["bad_alike"], report["differences"]) == (True, 4, 1, [])
    assert [stage["stage"] for stage in report["stages"]] == STAGES
    assert [stage["compared"] for stage in report["stages"]] == [3] * 5
    done = compare(folder)
    assert done.returncode == 0
    assert "all 4 images agree at every stage, 1 of them bad on both sides" in done.stdout


@pytest.mark.parametrize(
    ("key", "stage", "explained", "differing"),
    [
        ("interpolation=nearest", "resized", "interpolation bilinear | nearest", 2),
        ("resize_backend=pil", "resized", "resize_backend cv2 | pil", 2),
        ("crop_ratio=0.5", "resized", "crop_ratio 0 | 0.5", 2),
        ("crop_size=32", "resized", "crop_size 40 | 32", 3),
        ("mean=0.1,0.1,0.1", "tensor", "mean 0,0,0 | 0.1,0.1,0.1", 3),
        ("channel_order=bgr", "tensor", "channel_order rgb | bgr", 2),
        ("channel_num=4", "tensor", "channel_num 3 | 4", 3),
        ("topk=2", "top-k", "topk 5 | 2", 3),
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


def test_limit(folder):
    assert found(folder, "--limit", 2)["images"] == 2


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
    done = compare(folder, "--html", folder / "no/such/page.html")
    assert (done.returncode, "No such file" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--oracle", "torch", "x"], "torch: expected paddleclas"),
        (["x"], "got 4 paths, expected A B FOLDER"),
        (["--oracle", "paddleclas"], "got 3 paths, expected CONFIG FOLDER beside --oracle"),
        (["-b", "topk"], "expected KEY=VALUE"),
        (["-b", "topk=none"], "topk"),
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
