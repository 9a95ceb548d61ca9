"""A Predictor's postprocess keys: its answers are the function's, copies, softmax, labels that don't fit."""

import json
import tarfile
import warnings
from pathlib import Path

import pytest

import ppinfer
from conftest import flat, png, write_config
from ppinfer import Predictor, postprocess


def raw_scores(config: Path) -> list[float]:
    with Predictor(config, postprocess="score") as predictor:
        return list(predictor.predict(flat(3)).scores)


@pytest.mark.parametrize(
    ("classes", "parameters"),
    [
        (8, {"postprocess": "threshold", "threshold": 0.9, "default_label_index": 2}),
        (2, {"postprocess": "threshold", "label_0": "no", "label_1": "yes"}),
        (8, {"postprocess": "multilabel", "threshold": 0.25}),
        (8, {"postprocess": "score", "decimal_places": 2}),
        (26, {"postprocess": "person_attribute", "threshold": 0.1}),
        (19, {"postprocess": "vehicle_attribute"}),
        (8, {"postprocess": "embedding"}),
        (8, {"softmax": "on"}),
    ],
)
def test_predictor_answers_as_the_function_does(tmp_path, classes, parameters):
    config = write_config(tmp_path, f"classes {classes}")
    config.write_text(config.read_text().replace("label_path labels.txt\n", ""))
    function = {("op" if key == "postprocess" else key): value for key, value in parameters.items()}
    [expected] = postprocess([raw_scores(config)], **function)
    (tmp_path / "a.png").write_bytes(png(3))
    with Predictor(config, **parameters) as predictor:
        assert predictor.predict(flat(3)) == expected
        predictor.write_records(tmp_path / "a.png", tmp_path / "records")
    record = json.loads((tmp_path / "records").read_text())
    assert record == expected.to_dict() | {"path": str(tmp_path / "a.png")}


def test_save_dir_of_a_predictor(config_path, photo_folder, tmp_path):
    photos = photo_folder(24)
    with Predictor(config_path, save_dir=tmp_path / "saved", topk=1) as predictor:
        results = predictor.classify_folder(photos)
        in_memory = predictor.predict(png(3))
    assert all(result.status == "ok" for result in results)
    saved = tmp_path / "saved"
    copies = {str(path.relative_to(saved)): path.read_bytes() for path in saved.rglob("*.*")}
    assert copies == {
        f"{result.class_ids[0]}/{Path(result.path).name}": Path(result.path).read_bytes() for result in results
    }
    assert "no path" in in_memory.error.message


def test_save_dir_copies_members_of_archives(config_path, photo_folder, tmp_path):
    photos = sorted(photo_folder(6).rglob("*.*"))
    archive = tmp_path / "in/shard.tar"
    archive.parent.mkdir()
    with tarfile.open(archive, "w") as made:
        for photo in photos:
            made.add(photo, photo.name)
    with Predictor(config_path, save_dir=tmp_path / "saved", topk=1, batch_size=4) as predictor:
        results = predictor.classify_folder(archive.parent)
        one = predictor.predict(f"{archive}::{photos[0].name}")
    assert [result.error for result in (*results, one) if result.status != "ok"] == []
    saved = tmp_path / "saved"
    copies = {str(path.relative_to(saved)): path.read_bytes() for path in saved.rglob("*.*")}
    assert copies == {
        f"{result.class_ids[0]}/{photo.name}": photo.read_bytes() for result, photo in zip(results, photos, strict=True)
    }


@pytest.mark.parametrize(
    ("kind", "softmax", "said"),
    [
        ("raw", "off", "ends without softmax; scores are raw logits. Set `softmax on`"),
        ("raw", "auto", "softmax auto: this model ends without softmax, so it is applied"),
        ("unknown", "off", "Set `softmax on`"),
        ("unknown", "auto", "so it is applied"),
        ("raw", "on", None),
        ("probabilities", "off", None),
        ("probabilities", "auto", None),
    ],
)
def test_softmax_that_a_model_lacks_is_spoken_of_once(tmp_path, kind, softmax, said):
    config = write_config(tmp_path, f"score_kind {kind}")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        predictor = Predictor(config, softmax=softmax, topk=8)
    assert [str(warning.message) for warning in caught] == predictor.notices
    assert len(caught) == (said is not None)
    assert said is None or said in predictor.notices[0]
    applied = softmax == "on" or (softmax == "auto" and kind != "probabilities")
    assert (sum(predictor.predict(flat(3)).scores) == pytest.approx(1, abs=1e-5)) == applied


@pytest.mark.parametrize("op", ["multilabel", "embedding"])
def test_softmax_is_not_spoken_of_where_it_is_of_no_use(tmp_path, op):
    config = write_config(tmp_path, "score_kind raw")
    config.write_text(config.read_text().replace("label_path labels.txt\n", ""))
    assert Predictor(config, postprocess=op).notices == []


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        ("0 a\n1 b\n", "names 2 classes, but the model .* has 8"),
        ("".join(f"{i} x\n" for i in range(9)), "names 9 classes, but the model .* has 8"),
        ("".join(f"{i} x\n" for i in (0, 1, 2, 3, 4, 5, 6, 9)), "no line for class id 7"),
    ],
)
def test_labels_that_do_not_fit_the_model(config_path, labels, told):
    (config_path.parent / "labels.txt").write_text(labels)
    with pytest.raises(ppinfer.Error, match=told):
        Predictor(config_path)


def test_labels_of_a_deployment_file_are_named_by_it(config_path):
    deployment = config_path.parent / "inference_cls.yaml"
    deployment.write_text("Global: {inference_model_dir: .}\nPostProcess: {Topk: {topk: 1, label_list: [cat, dog]}}\n")
    with pytest.raises(ppinfer.Error, match=r"inference_cls.yaml \(label_list\) names 2 classes, but the model"):
        Predictor(deployment, cls_model_path=config_path.parent / "model.fake", engine="fake")


def test_op_that_does_not_fit_the_model(config_path):
    text = config_path.read_text().replace("label_path labels.txt\n", "")
    config_path.write_text(text)
    with pytest.raises(ppinfer.ConfigError, match="with 26 scores, but this one has 8"):
        Predictor(config_path, postprocess="person_attribute")
