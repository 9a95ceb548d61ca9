"""The config.txt that `ppinfer tune` writes means what was measured, from wherever it lies."""

import os
from pathlib import Path

import pytest

from conftest import write_config
from ppinfer import Error
from ppinfer.config_values import load_config, refuse_own_labels
from ppinfer.measure.tune.config_writer import moved
from ppinfer.measure.tune.config_writer import write_config as write_tuned

TUNED = {
    "engine": "fake",
    "precision": "fp32",
    "lanes": "1",
    "threads_per_lane": "1",
    "batch_size": "4",
    "decode": "fast",
}


@pytest.fixture(autouse=True)
def working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where relative paths of the tests begin."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def values(path: os.PathLike[str] | str) -> dict[str, str]:
    return load_config(os.fspath(path), []).texts


def refuse(config: str, *given: tuple[str, str, str]) -> None:
    refuse_own_labels(config, load_config(config, given))


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines()


def test_tuned_keys_take_the_place_of_the_users_own(tmp_path):
    write_config(
        tmp_path / "model", config="# my favourite\ntopk 3\nlanes 2   # of them\nbatch_size 16\ncrop_size 20\n"
    )
    write_tuned("model/tuned.txt", "model/config.txt", [], TUNED, ["Tuned by hand."])
    written = lines(tmp_path / "model/tuned.txt")
    assert written[0] == "# Tuned by hand."
    assert "# my favourite" in written
    assert "topk 3" in written
    assert [line for line in written if line.startswith(("lanes", "batch_size", "engine"))] == [
        "engine fake",
        "lanes 1",
        "batch_size 4",
    ]
    assert "cls_model_path model.fake" in written
    found = values("model/tuned.txt")
    assert (found["topk"], found["crop_size"], found["decode"]) == ("3", "20", "fast")


@pytest.mark.parametrize("output", ["tuned.txt", "model/tuned.txt", "elsewhere/deep/tuned.txt"])
@pytest.mark.parametrize("config", ["model/config.txt", "ABSOLUTE"])
def test_relative_paths_are_right_for_the_new_place(tmp_path, output, config):
    write_config(tmp_path / "model")
    (tmp_path / "elsewhere/deep").mkdir(parents=True)
    config = config.replace("ABSOLUTE", str(tmp_path / "model/config.txt"))
    write_tuned(output, config, [], TUNED, [])
    (line,) = (line for line in lines(tmp_path / output) if line.startswith("cls_model_path"))
    assert not os.path.isabs(line.split(" ")[1])
    assert os.path.samefile(values(output)["cls_model_path"], "model/model.fake")
    assert os.path.samefile(values(output)["label_path"], "model/labels.txt")
    # The two may move together.
    os.chdir("/")
    assert os.path.samefile(values(tmp_path / output)["label_path"], tmp_path / "model/labels.txt")


def test_absolute_paths_stay(tmp_path):
    write_config(tmp_path / "model")
    Path("config.txt").write_text(f'cls_model_path "{tmp_path}/model/model.fake"\nengine fake\n')
    Path("other").mkdir()
    write_tuned("other/tuned.txt", "config.txt", [], TUNED, [])
    assert f'cls_model_path "{tmp_path}/model/model.fake"' in lines(tmp_path / "other/tuned.txt")


def test_paths_over_links(tmp_path):
    """`..` from a folder that is a link leads to where the link leads."""
    write_config(tmp_path / "a/b/model")
    Path("far/away").mkdir(parents=True)
    Path("link").symlink_to(tmp_path / "far/away")
    write_tuned("link/tuned.txt", "a/b/model/config.txt", [], TUNED, [])
    assert os.path.samefile(values("link/tuned.txt")["cls_model_path"], "a/b/model/model.fake")
    assert moved("a/b", os.path.abspath("link")) == "../../a/b"


def test_keys_of_the_command_line_are_written_too(tmp_path):
    write_config(tmp_path / "model", config="topk 3\nlabel_delimiter ,\n")
    Path("my labels #1.txt").write_text("".join(f"{i}|class {i}\n" for i in range(8)))
    given = [("topk", "1", "-o"), ("label_path", "my labels #1.txt", "-o"), ("label_delimiter", "|", "-o"),
             ("batch_size", "2", "-o"), ("save_dir", "", "-o")]  # fmt: skip
    write_tuned("model/tuned.txt", "model/config.txt", given, TUNED, [])
    found = values("model/tuned.txt")
    assert (found["topk"], found["label_delimiter"], found["batch_size"]) == ("1", "|", "4")
    assert os.path.samefile(found["label_path"], "my labels #1.txt")
    assert "topk 3" not in lines(tmp_path / "model/tuned.txt")


def test_without_a_config(tmp_path):
    write_config(tmp_path / "model")
    given = [("model_dir", "model", "-m"), ("label_delimiter", " ", "-o")]
    write_tuned("tuned.txt", None, given, TUNED, [])
    assert "model_dir model" in lines(tmp_path / "tuned.txt")
    assert values("tuned.txt")["label_delimiter"] == " "


def test_legacy_keys_stay_and_no_longer_decide(tmp_path):
    write_config(tmp_path / "model")
    text = "cls_model_path model/model.fake\ncpu_math_library_num_threads 10\nuse_mkldnn 0\nuse_gpu 0\n"
    Path("old.txt").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    write_tuned("tuned.txt", "old.txt", [], TUNED, [])
    loaded = load_config("tuned.txt", [])
    assert loaded.notices == [notice for notice in load_config("old.txt", []).notices if "threads" not in notice]
    assert values("tuned.txt")["use_mkldnn"] == "0"
    assert b"\r" not in Path("tuned.txt").read_bytes()
    assert "cpu_math_library_num_threads 10" in lines(tmp_path / "tuned.txt")


YAML = """\
Global:
  inference_model_dir: "exported"
  batch_size: 2
  use_gpu: False
PreProcess:
  transform_ops:
    - ResizeImage: {resize_short: 32}
    - CropImage: {size: 28}
    - NormalizeImage: {scale: 1.0/255.0, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5], order: ''}
    - ToCHWImage:
PostProcess:
  Topk: {topk: 3, CLASSES}
"""


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    """A folder with a Paddle model by name; no test here loads it."""
    folder = tmp_path / "deploy/exported"
    folder.mkdir(parents=True)
    (folder / "inference.pdmodel").write_bytes(b"x")
    (folder / "inference.pdiparams").write_bytes(b"x")
    (tmp_path / "deploy/labels.txt").write_text("0 cat\n1 dog\n")
    return tmp_path / "deploy"


def test_a_deployment_yaml_becomes_a_config_txt(exported, tmp_path):
    (exported / "inference_cls.yaml").write_text(YAML.replace("CLASSES", "class_id_map_file: labels.txt"))
    refuse("deploy/inference_cls.yaml")
    write_tuned("tuned.txt", "deploy/inference_cls.yaml", [], {**TUNED, "engine": "openvino"}, [])
    found, original = values("tuned.txt"), values("deploy/inference_cls.yaml")
    for key in ("resize_short_size", "crop_size", "mean", "scale", "topk", "use_gpu"):
        assert found[key] == original[key]
    assert "model_dir deploy/exported" in lines(tmp_path / "tuned.txt")
    assert "batch_size 4" in lines(tmp_path / "tuned.txt")


def test_a_yaml_that_holds_the_names_itself(exported):
    (exported / "inference_cls.yaml").write_text(YAML.replace("CLASSES", "label_list: [cat, dog]"))
    with pytest.raises(Error, match=r"inference_cls\.yaml: holds the names .* set label_path=FILE beside it"):
        refuse("deploy/inference_cls.yaml")
    refuse("deploy/inference_cls.yaml", ("label_path", "deploy/labels.txt", "-o"))


def test_comments_are_one_line_each(tmp_path):
    write_config(tmp_path / "model")
    write_tuned("tuned.txt", "model/config.txt", [], TUNED, ["photos in a\nlanes 99", "tab\there", ""])
    written = lines(tmp_path / "tuned.txt")
    assert written[:3] == ["# photos in a\\nlanes 99", "# tab\\there", "#"]
    assert values("tuned.txt")["lanes"] == "1"


@pytest.mark.parametrize("name", ["with space", "hash #1", "'quoted'", '"double"', "=sign", "\udcff"])
def test_folders_of_any_name(tmp_path, name):
    write_config(tmp_path / name)
    write_tuned("tuned.txt", None, [("model_dir", name, "-m")], TUNED, [])
    assert os.path.samefile(os.fsencode(values("tuned.txt")["model_dir"]), os.fsencode(name))


def test_a_name_that_no_config_can_hold(tmp_path):
    write_config(tmp_path / "a\nb")
    with pytest.raises(Error, match=r"no config\.txt can hold this value: rename the file or folder"):
        write_tuned("tuned.txt", None, [("model_dir", "a\nb", "-m")], TUNED, [])
    assert sorted(os.listdir()) == ["a\nb"]  # no draft is left


def test_it_is_written_in_one_go_with_the_usual_rights(tmp_path):
    write_config(tmp_path / "model")
    Path("tuned.txt").write_text("old")
    umask = os.umask(0o027)
    try:
        write_tuned("tuned.txt", "model/config.txt", [], TUNED, [])
    finally:
        os.umask(umask)
    assert os.stat("tuned.txt").st_mode & 0o777 == 0o640
    assert sorted(os.listdir()) == ["model", "tuned.txt"]


def test_what_it_says_is_held_against_what_was_measured(tmp_path, monkeypatch):
    write_config(tmp_path / "model")
    write_config(tmp_path / "other")
    with monkeypatch.context() as patch:
        patch.setattr(
            "ppinfer.measure.tune.config_writer.relative", lambda path, folder: path.replace("model/", "other/")
        )
        with pytest.raises(Error, match=r"_path: the config to be written says .*other.* where .*model.* was measured"):
            write_tuned("tuned.txt", "model/config.txt", [], TUNED, [])
    assert sorted(os.listdir()) == ["model", "other"]
    with pytest.raises(Error, match='batch_size=0: got "0", expected an integer'):
        write_tuned("tuned.txt", "model/config.txt", [], {**TUNED, "batch_size": "0"}, [])
    with pytest.raises(Error, match=r"nowhere/tuned\.txt: can't be written: No such file or directory"):
        write_tuned("nowhere/tuned.txt", "model/config.txt", [], TUNED, [])
