"""ppinfer.postprocess against PaddleClas' own postprocess module, op by op."""

import importlib.util
import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import ppinfer
from conftest import flat, png, write_config
from ppinfer import Predictor, Result, postprocess

RNG = np.random.default_rng(20)


@pytest.fixture(scope="session")
def oracle() -> ModuleType:
    """paddleclas/deploy/python/postprocess.py by its path: the package itself imports far more than we install."""
    package = importlib.util.find_spec("paddleclas")
    if package is None or package.origin is None:
        pytest.fail("the oracle is missing: pip install --no-deps paddleclas==2.6.0 (tools/test does it)")
    path = Path(package.origin).parent / "deploy/python/postprocess.py"
    spec = importlib.util.spec_from_file_location("paddleclas_postprocess", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def random_rows(count: int, classes: int) -> np.ndarray:
    """Probabilities without ties."""
    scores = RNG.permutation(count * classes).reshape(count, classes) + RNG.random((count, classes))
    return (scores / (count * classes)).astype(np.float32)


def tied_rows(count: int, classes: int) -> np.ndarray:
    """Few values, each many times: ties, and scores that equal the thresholds 0.1, 0.2, ... as float32 has them."""
    return (RNG.integers(0, 11, (count, classes)) / 10).astype(np.float32)


def kinds(count: int, classes: int) -> list[np.ndarray]:
    return [random_rows(count, classes), tied_rows(count, classes), random_rows(count, classes) * 40 - 20]


def labels_of(classes: int) -> list[str]:
    return [f"class {i}, or so" for i in range(classes)]


@pytest.fixture
def map_file(tmp_path: Path):
    def write(classes: int, delimiter: str = " ") -> str:
        path = tmp_path / f"map_{classes}.txt"
        path.write_text("".join(f"{i}{delimiter}{name}\n" for i, name in enumerate(labels_of(classes))))
        return str(path)

    return write


def rounded(scores: Sequence[float]) -> list[float]:
    """Records keep every digit; PaddleClas' answers have five."""
    return np.around(list(scores), 5).tolist()


def thresholds_of(scores: np.ndarray) -> list[float]:
    """Round numbers, and some that equal a score exactly."""
    return [0, 0.1, 0.3, 0.5, 0.7, 0.9, 1, -3.5, float(scores[0, 1]), float(scores[-1].max()), float(scores[0].max())]


# ---- op by op --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("classes", [1, 2, 10, 1000, 1777])
@pytest.mark.parametrize("k", [1, 2, 5, 2000])
def test_topk(oracle, classes, k):
    scores = random_rows(20, classes)
    expected = oracle.Topk(topk=k, label_list=labels_of(classes))(scores)
    for mine, its in zip(postprocess(scores, topk=k, labels=labels_of(classes)), expected, strict=True):
        assert list(mine.class_ids) == its["class_ids"]
        assert rounded(mine.scores) == its["scores"]
        assert list(mine.label_names) == its["label_names"]


@pytest.mark.parametrize("classes", [2, 10, 1000])
@pytest.mark.parametrize("k", [1, 3, 20])
def test_topk_of_ties_is_the_oracles_but_lowest_id_first(oracle, classes, k):
    """numpy's argsort leaves the order of equal scores open; ours is the lowest id first."""
    scores = tied_rows(50, classes)
    for row, mine, its in zip(scores, postprocess(scores, topk=k), oracle.Topk(topk=k)(scores), strict=True):
        assert rounded(mine.scores) == its["scores"]
        assert list(mine.class_ids) == np.argsort(-row, kind="stable")[:k].tolist()
        last = row[its["class_ids"][-1]]
        assert {i for i in mine.class_ids if row[i] > last} == {i for i in its["class_ids"] if row[i] > last}


@pytest.mark.parametrize("delimiter", [" ", ",", "\t", "::"])
def test_topk_with_a_map_file(oracle, map_file, delimiter):
    scores = random_rows(10, 30)
    path = map_file(30, delimiter)
    mine = postprocess(scores, topk=3, label_path=path, label_delimiter=delimiter)
    its = oracle.Topk(topk=3, class_id_map_file=path, delimiter=delimiter)(scores)
    assert [list(result.label_names) for result in mine] == [answer["label_names"] for answer in its]


@pytest.mark.parametrize("names", [{}, {"label_0": "nobody", "label_1": "someone"}])
def test_threshold_of_two_classes(oracle, names):
    for scores in kinds(60, 2):
        for threshold in thresholds_of(scores):
            its = oracle.ThreshOutput(threshold=threshold, **names)(scores)
            mine = postprocess(scores, op="threshold", threshold=threshold, **names)
            for result, answer in zip(mine, its, strict=True):
                assert list(result.class_ids) == answer["class_ids"]
                assert list(result.scores) == answer["scores"]
                assert list(result.label_names) == answer["label_names"]


def test_threshold_of_more_classes(oracle, map_file):
    path = map_file(7)
    for scores in kinds(60, 7):
        for threshold in thresholds_of(scores):
            its = oracle.ThreshOutput(threshold=threshold, default_label_index=4, class_id_map_file=path)(scores)
            mine = postprocess(scores, op="threshold", threshold=threshold, default_label_index=4, label_path=path)
            for row, result, answer in zip(scores, mine, its, strict=True):
                assert list(result.scores) == answer["scores"]
                if (row == row.max()).sum() == 1:
                    assert list(result.class_ids) == answer["class_ids"]
                    assert list(result.label_names) == answer["label_names"]
                else:
                    assert result.class_ids[0] in (int(row.argmax()), 4)


def test_multilabel(oracle, map_file):
    path = map_file(20)
    for scores in kinds(40, 20):
        for threshold in thresholds_of(scores):
            its = oracle.MultiLabelThreshOutput(threshold=threshold, class_id_map_file=path)(scores)
            mine = postprocess(scores, op="multilabel", threshold=threshold, label_path=path)
            for result, answer in zip(mine, its, strict=True):
                assert list(result.class_ids) == answer["class_ids"]
                assert rounded(result.scores) == answer["scores"]
                assert list(result.label_names) == answer["label_names"]


@pytest.mark.parametrize("decimal_places", range(10))
def test_score(oracle, decimal_places):
    for scores in [*kinds(30, 12), random_rows(30, 12) * 1e6, np.float32([[0.5, 1.5, 2.5, 0.125, -0.0, 1e-40]])]:
        its = oracle.ScoreOutput(decimal_places)(scores)
        mine = postprocess(scores, op="score", decimal_places=decimal_places)
        assert [list(result.scores) for result in mine] == [answer["scores"].tolist() for answer in its]
        assert mine[0].class_ids == ()


PERSON = [
    {},
    {"threshold": 0.3},
    {"threshold": 0.1, "glasses_threshold": 0.7, "hold_threshold": 0.2},
    {"threshold": 1, "glasses_threshold": 0, "hold_threshold": 0.9},
]


@pytest.mark.parametrize("parameters", PERSON)
def test_person_attribute(oracle, parameters):
    for scores in kinds(200, 26):
        its = oracle.PersonAttribute(**parameters)(scores)
        mine = postprocess(scores, op="person_attribute", **parameters)
        assert [list(result.attributes) for result in mine] == [answer["attributes"] for answer in its]
        assert [list(result.attribute_flags) for result in mine] == [answer["output"] for answer in its]


@pytest.mark.parametrize(
    "parameters", [{}, {"color_threshold": 0.3, "type_threshold": 0.9}, {"color_threshold": -50, "type_threshold": -50}]
)
def test_vehicle_attribute(oracle, parameters):
    tiny = np.full((40, 19), -1, np.float32)
    tiny[:, 3] = tiny[:, 12] = 10.0 ** np.arange(-20, 20)
    for scores in [*kinds(200, 19), tiny]:
        its = oracle.VehicleAttribute(**parameters)(scores)
        mine = postprocess(scores, op="vehicle_attribute", **parameters)
        assert [", ".join(result.attributes) for result in mine] == [answer["attributes"] for answer in its]
        assert [list(result.attribute_flags) for result in mine] == [answer["output"] for answer in its]


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_save_dir(oracle, tmp_path):
    scores = random_rows(12, 3)
    paths = [tmp_path / f"photo {i}.png" for i in range(len(scores))]
    for i, path in enumerate(paths):
        path.write_bytes(bytes([i]) * 1000)
    oracle.SavePreLabel(str(tmp_path / "its"))(scores, [str(path) for path in paths])
    results = postprocess(scores, paths=paths, save_dir=tmp_path / "mine")
    assert tree(tmp_path / "mine") == tree(tmp_path / "its") != {}
    assert [result.path for result in results] == [str(path) for path in paths]


def test_save_dir_keeps_images_of_the_same_name(tmp_path):
    for name in "ab":
        (tmp_path / name).mkdir()
        (tmp_path / name / "photo.png").write_text(name)
    paths = [tmp_path / "a/photo.png", tmp_path / "b/photo.png"]
    for _ in range(2):
        postprocess(np.eye(2)[[1, 1]], paths=paths, save_dir=tmp_path / "saved")
    assert tree(tmp_path / "saved") == {"1/photo.png": b"a", "1/photo_2.png": b"b"}


def test_embedding():
    vectors = RNG.normal(size=(20, 512)).astype(np.float32)
    expected = vectors / np.sqrt((vectors**2).sum(axis=1, keepdims=True))
    for mine, its in zip(postprocess(vectors, op="embedding"), expected, strict=True):
        assert mine.embedding == pytest.approx(its, abs=1e-6)
        assert mine.class_ids == mine.scores == ()


def test_softmax():
    logits = np.float32([[1, 2, 3], [1000, 1000, -1000]])
    powers = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
    expected = powers / powers.sum(axis=1, keepdims=True)
    for choice in ("on", "auto"):
        mine = postprocess(logits, op="score", softmax=choice)
        assert [result.scores for result in mine] == [pytest.approx(row, abs=1e-6) for row in expected]
    assert postprocess(expected, op="score", softmax="auto")[0].scores == tuple(expected.astype(np.float32)[0].tolist())
    assert postprocess(logits, topk=1)[0].scores == (3,)


OPS = {"topk": 9, "threshold": 9, "multilabel": 9, "score": 9, "embedding": 9}
OPS |= {"person_attribute": 26, "vehicle_attribute": 19}


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize(("op", "classes"), OPS.items())
def test_a_score_that_is_not_finite_is_an_error_of_its_row(op, classes, bad):
    scores = random_rows(3, classes)
    whole = postprocess(scores, op=op)
    scores[1, 4] = bad
    results = postprocess(scores, op=op)
    assert results[::2] == whole[::2]
    assert results[1].error.stage == "postprocess"
    assert "class 4 is" in results[1].error.message
    assert results[1] == Result(None, error=results[1].error)


# ---- what may be given -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"topk": 0}, "topk"),
        ({"topk": -1}, "topk"),
        ({"op": "top"}, "expected topk, threshold, multilabel"),
        ({"tresh": 1}, "unknown key"),
        ({"op": "multilabel", "threshold": "nan"}, "threshold"),
        ({"threshold": 0.9}, "threshold 0.9 has no use with postprocess topk"),
        ({"op": "score", "decimal_places": -2}, "decimal_places"),
        ({"op": "threshold", "default_label_index": 4}, "its ids are 0 to 3"),
        ({"op": "threshold", "default_label_index": -1}, "default_label_index"),
        ({"op": "person_attribute"}, "with 26 scores, but this one has 4"),
        ({"op": "vehicle_attribute"}, "with 19 scores, but this one has 4"),
        ({"labels": ["a", "b", "c"]}, "3 labels name 4 classes"),
        ({"labels": ["a", "b", "c", "d", "e"]}, "5 labels name 4 classes"),
        ({"labels": ["a"] * 4, "label_path": "map.txt"}, "keep one of them"),
        ({"labels": ["a"] * 4, "op": "score"}, "names no classes"),
        ({"label_path": "nowhere.txt"}, "nowhere.txt: no such label file"),
        ({"op": "embedding", "softmax": "on"}, "softmax on has no use"),
        ({"lanes": 2}, "lanes has no use here"),
    ],
)
def test_wrong_parameters(arguments, told):
    with pytest.raises(ppinfer.ConfigError, match=told):
        postprocess(random_rows(2, 4), **arguments)


@pytest.mark.parametrize("scores", [np.zeros(4), np.zeros((2, 3, 4)), np.zeros((2, 0)), 1.0])
def test_scores_of_another_shape(scores):
    with pytest.raises(ValueError, match=r"expected \[images, classes\]"):
        postprocess(scores)


def test_scores_of_other_types_and_layouts():
    scores = random_rows(4, 6)
    expected = postprocess(scores)
    assert postprocess(scores.astype(np.float64)) == expected
    assert postprocess(np.asfortranarray(scores)) == expected
    assert postprocess(np.repeat(scores, 2, axis=0)[::2]) == expected
    assert postprocess(scores.tolist()) == expected
    assert postprocess(scores[:0]) == []
    assert postprocess(np.array([[1e300, 0]]))[0].error is not None
    with pytest.raises(TypeError, match="expected real numbers"):
        postprocess(np.array([["a"]]))
    with pytest.raises(ValueError, match="1 paths for scores of 4 images"):
        postprocess(scores, paths=["a"])


def test_a_hundred_thousand_classes():
    scores = random_rows(2, 100_000)
    results = postprocess(scores, topk=5, labels=labels_of(100_000))
    for row, result in zip(scores, results, strict=True):
        assert list(result.class_ids) == np.argsort(-row)[:5].tolist()
        assert result.label_names[0] == f"class {row.argmax()}, or so"


# ---- the same through a Predictor ------------------------------------------------------------------------------------


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
    assert tree(tmp_path / "saved") == {
        f"{result.class_ids[0]}/{Path(result.path).name}": Path(result.path).read_bytes() for result in results
    }
    assert "no path" in in_memory.error.message


@pytest.mark.parametrize(
    ("kind", "softmax", "said"),
    [
        ("raw", "off", "no probabilities, as it has no softmax at its end: set softmax on"),
        ("raw", "auto", "softmax auto: the model has none at its end, so it is applied"),
        ("unknown", "off", "set softmax on"),
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


def test_op_that_does_not_fit_the_model(config_path):
    text = config_path.read_text().replace("label_path labels.txt\n", "")
    config_path.write_text(text)
    with pytest.raises(ppinfer.ConfigError, match="with 26 scores, but this one has 8"):
        Predictor(config_path, postprocess="person_attribute")
