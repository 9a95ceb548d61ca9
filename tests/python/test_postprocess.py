"""ppinfer.postprocess against PaddleClas' own postprocess module, op by op."""

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import ppinfer
from oracle import oracle as paddleclas
from ppinfer import Result, postprocess

RNG = np.random.default_rng(20)


@pytest.fixture(scope="session")
def oracle() -> ModuleType:
    return paddleclas("postprocess")


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


@pytest.mark.parametrize("classes", [2, 10, 1000, 1777])
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


@pytest.mark.parametrize("parameters", [{}, {"op": "threshold", "threshold": 0.9}, {"op": "multilabel"}])
def test_save_dir(oracle, tmp_path, parameters):
    scores = random_rows(12, 3)
    paths = [tmp_path / f"photo {i}.png" for i in range(len(scores))]
    for i, path in enumerate(paths):
        path.write_bytes(bytes([i]) * 1000)
    oracle.SavePreLabel(str(tmp_path / "its"))(scores, [str(path) for path in paths])
    results = postprocess(scores, paths=paths, save_dir=tmp_path / "mine", **parameters)
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
    for no_file in (None, [tmp_path / "gone.png"], ["-"], [tmp_path]):
        (result,) = postprocess(np.eye(2)[:1], paths=no_file, save_dir=tmp_path / "saved")
        assert (result.error.stage, "to copy" in result.error.message) == ("postprocess", True)
    (tmp_path / "file").touch()
    with pytest.raises(ppinfer.RuntimeFailure, match=r"cannot put .*a/photo\.png into .*file/0: Not a directory"):
        postprocess(np.eye(2)[:1], paths=paths[:1], save_dir=tmp_path / "file")


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
        ({"threshold": 0.9}, "threshold 0.9 has no effect with postprocess topk"),
        ({"op": "score", "decimal_places": -2}, "decimal_places"),
        ({"op": "threshold", "default_label_index": 4}, "expected 0 to 3"),
        ({"op": "threshold", "default_label_index": -1}, "default_label_index"),
        ({"op": "person_attribute"}, "with 26 scores, but this one has 4"),
        ({"op": "vehicle_attribute"}, "with 19 scores, but this one has 4"),
        ({"labels": ["a", "b", "c"]}, "3 labels name 4 classes"),
        ({"labels": ["a", "b", "c", "d", "e"]}, "5 labels name 4 classes"),
        ({"labels": ["a"] * 4, "label_path": "map.txt"}, "keep one of them"),
        ({"labels": ["a"] * 4, "op": "score"}, "names no classes"),
        ({"label_path": "nowhere.txt"}, "nowhere.txt: no such file"),
        ({"op": "embedding", "softmax": "on"}, "softmax on has no effect"),
        ({"lanes": 2}, "lanes has no effect"),
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
