"""What `ppinfer quantize` is made of: which images set the ranges and which judge, what counts as the same result."""

import re
import warnings
from pathlib import Path

import numpy as np
import pytest

from conftest import CLASSES, png, write_config
from ppinfer import Error, ModelError, Predictor, Result, postprocess
from ppinfer.image_folder import images_in_folder
from ppinfer.model.accuracy import accuracy
from ppinfer.model.calibration import split_images, write_tensors
from ppinfer.model.ground_truth import known_labels


@pytest.fixture(autouse=True)
def _no_notices() -> None:
    warnings.simplefilter("ignore")


@pytest.fixture
def flat_photos(tmp_path: Path) -> list[str]:
    """Photo i is of class i of the fake engine."""
    paths = [str(tmp_path / f"{index}.png") for index in range(CLASSES)]
    for index, path in enumerate(paths):
        Path(path).write_bytes(png(index))
    return paths


def test_images_are_spread_evenly_and_the_same_each_time():
    paths = [f"{index:04}" for index in range(1000)]
    split = split_images(paths, lambda path: "", samples=60, holdout=40)
    assert split == split_images(list(reversed(paths)), lambda path: "", samples=60, holdout=40)
    assert (len(split.calibration), len(split.held_out), split.bad) == (60, 40, ())
    chosen = sorted(int(path) for path in split.calibration + split.held_out)
    assert [index // 10 for index in chosen] == list(range(100))  # one of each ten
    for part in (split.calibration, split.held_out):  # neither is a block of them
        assert min(map(int, part)) < 150
        assert max(map(int, part)) > 850


@pytest.mark.parametrize(
    ("count", "samples", "holdout", "expected"),
    [
        (2, None, None, (1, 1)),
        (20, None, None, (12, 8)),
        (499, None, None, (299, 200)),
        (2000, None, None, (300, 200)),
        (100, 90, None, (90, 10)),
        (100, None, 30, (70, 30)),
        (1000, None, 30, (300, 30)),
        (100, 90, 10, (90, 10)),
        (100, 91, 10, "100 good images are too few: expected 91 for calibration and 10 others"),
        (100, 100, None, "100 good images are too few: expected 100 for calibration and 1 others"),
        (100, None, 100, "100 good images are too few: expected 1 for calibration and 100 others"),
        (1, None, None, "1 good image is too few"),
        (0, None, None, "0 good images are too few"),
    ],
)
def test_how_many_images(count, samples, holdout, expected):
    paths = [f"{index:04}" for index in range(count)]
    if isinstance(expected, str):
        with pytest.raises(Error, match=expected):
            split_images(paths, lambda path: "", samples=samples, holdout=holdout)
        return
    split = split_images(paths, lambda path: "", samples=samples, holdout=holdout)
    assert (len(split.calibration), len(split.held_out)) == expected
    assert len({*split.calibration, *split.held_out}) == sum(expected)


def test_bad_images_are_replaced_by_others():
    paths = [f"{index:03}" for index in range(100)]
    split = split_images(paths, lambda path: "cut off" if path < "030" else "", samples=40, holdout=20)
    assert (len(split.calibration), len(split.held_out)) == (40, 20)
    assert min(split.calibration + split.held_out) >= "030"
    assert {reason for _, reason in split.bad} == {"cut off"}
    assert len(split.bad) == len(set(split.bad)) <= 30
    too_few = r"70 good images are too few: expected 60 for calibration and 20 others .*; 30 were left out, the first "
    with pytest.raises(Error, match=too_few + r"is 0\d\d: cut off"):
        split_images(paths, lambda path: "cut off" if path < "030" else "", samples=60, holdout=20)


def test_labels(tmp_path):
    assert known_labels(None, tmp_path) == {}
    (tmp_path / "labels.txt").write_text("\ufeffa b.jpg 7\n\nsub/c.jpg  12 \r\n", encoding="utf-8")
    expected = {str(tmp_path / "a b.jpg"): 7, str(tmp_path / "sub/c.jpg"): 12}
    assert known_labels(None, tmp_path) == known_labels(tmp_path / "labels.txt", f"{tmp_path}/") == expected
    (tmp_path / "names.txt").write_text("a.jpg 7\n0 tench, Tinca tinca\n")
    with pytest.raises(Error, match=r"names\.txt:2: got '0 tench, Tinca tinca', expected `file class-id`"):
        known_labels(tmp_path / "names.txt", tmp_path)
    with pytest.raises(Error, match="No such file or directory"):
        known_labels(tmp_path / "none.txt", tmp_path)
    # Which is what many folders have by this name; nobody has asked for it to be read.
    said: list[str] = []
    (tmp_path / "names.txt").rename(tmp_path / "labels.txt")
    assert known_labels(None, tmp_path, on_other_file=said.append) == {}
    assert re.fullmatch(r".*/labels\.txt:2: got '0 tench, .*expected `file class-id`; the file is ignored .*", said[0])
    with pytest.raises(Error, match="expected `file class-id`"):
        known_labels(tmp_path / "labels.txt", tmp_path)


def test_accuracy_counts_what_changed(tmp_path, flat_photos):
    labels = {flat_photos[0]: 0, flat_photos[1]: 1, flat_photos[7]: 3, str(tmp_path / "elsewhere.png"): 0}
    old = write_config(tmp_path / "a")
    with Predictor(old) as fp32, Predictor(old, scale=1 / 510) as darker:
        same = accuracy(fp32, fp32, flat_photos, labels)
        found = accuracy(fp32, darker, flat_photos, labels)
        expected = np.abs(fp32.logits(flat_photos) - darker.logits(flat_photos))
    assert (same.agreement.share, same.distinct_results, same.scores.largest, same.scores.mean) == (1, CLASSES, 0, 0)
    assert (same.labelled, same.right_fp32, same.right_int8) == (3, 2, 2)
    assert (found.agreement.images, found.agreement.agreeing) == (8, 1)  # black stays black
    assert (found.scores.largest, found.scores.mean) == (
        pytest.approx(expected.max(), rel=1e-6),
        pytest.approx(expected.mean(), rel=1e-6),
    )
    assert (found.right_fp32, found.right_int8) == (2, 2)  # what shows 7 and is called 3 is taken for 3 now


@pytest.mark.parametrize("op", ["topk", "score"])
def test_one_answer_for_all_is_told(tmp_path, flat_photos, op):
    with Predictor(write_config(tmp_path / "a"), postprocess=op) as fp32:
        assert accuracy(fp32, fp32, flat_photos, {}).distinct_results == CLASSES
        assert accuracy(fp32, fp32, flat_photos[:1] * 3, {}).distinct_results == 1


def test_labels_are_found_however_the_folder_is_called(tmp_path, flat_photos, monkeypatch):
    (tmp_path / "labels.txt").write_text("3.png 3\n")
    monkeypatch.chdir(tmp_path)
    with Predictor(write_config(tmp_path / "a")) as fp32:
        for folder in (".", "./", "a/..", str(tmp_path), f"{tmp_path}/"):
            images = [path for path in images_in_folder(folder) if path.endswith("3.png")]
            found = accuracy(fp32, fp32, images, known_labels(None, folder))
            assert (found.labelled, found.right_fp32) == (1, 1), folder


def test_accuracy_of_other_answers_than_the_best_class(tmp_path, flat_photos):
    old = write_config(tmp_path / "a")
    with Predictor(old, postprocess="multilabel", threshold=0.01) as fp32:
        everything = fp32.predict(flat_photos[3]).class_ids
        assert len(everything) > 1
        with Predictor(old, postprocess="multilabel", threshold=0.99) as strict:
            assert accuracy(fp32, fp32, flat_photos, {}).agreement.share == 1
            assert accuracy(fp32, strict, flat_photos, {}).agreement.share < 0.5
    with (
        Predictor(old, postprocess="embedding") as fp32,
        Predictor(old, postprocess="embedding", scale=1 / 510) as other,
    ):
        assert accuracy(fp32, fp32, flat_photos, {}).agreement.share == 1
        assert accuracy(fp32, other, flat_photos, {}).agreement.share < 0.5


class Broken:
    """A model whose scores are NaN."""

    def __init__(self, predictor: Predictor) -> None:
        self.config = predictor.config
        self.predictor = predictor

    def logits(self, paths: list[str]) -> np.ndarray:
        return np.full_like(self.predictor.logits(paths), np.nan)

    def predict(self, paths: list[str]) -> list[Result]:
        return postprocess(self.logits(paths), paths=paths)


def test_scores_that_are_no_numbers_agree_with_nothing(tmp_path, flat_photos):
    with Predictor(write_config(tmp_path / "a")) as fp32:
        found = accuracy(fp32, Broken(fp32), flat_photos, {})
        assert (found.agreement.agreeing, found.scores.largest) == (0, float("inf"))
        for int8 in (fp32, Broken(fp32)):  # nor can anything be held against them
            with pytest.raises(
                ModelError, match=r"source model gives no result for .*/0\.png, .*: the model's score of class"
            ):
                accuracy(Broken(fp32), int8, flat_photos, {})


def test_depthwise_convolutions_and_attention_are_told():
    from openvino import Model
    from openvino import opset13 as ov

    from ppinfer.model.quantize_with_nncf import free_the_batch, has_attention, left_in_float

    x = ov.parameter([2, 4, 8, 8], np.float32, name="x")

    def grouped(node, groups, channels, name):
        weights = ov.constant(np.ones((groups, channels, channels, 3, 3), np.float32))
        made = ov.group_convolution(node, weights, [1, 1], [1, 1], [1, 1], [1, 1])
        made.set_friendly_name(name)
        return made

    depthwise = grouped(grouped(x, 2, 2, "grouped"), 4, 1, "depthwise")
    flat = ov.reshape(depthwise, ov.constant(np.array([0, 4, 64])), special_zero=True)
    scores = ov.matmul(flat, ov.convert(ov.constant(np.ones((64, 64), np.float16)), np.float32), False, False)
    model = Model([scores], [x])
    assert left_in_float(model) == ["depthwise"]
    assert not has_attention(model)
    assert has_attention(Model([ov.matmul(scores, flat, False, True)], [x]))
    free_the_batch(model)
    assert str(model.inputs[0].get_partial_shape()) == "[?,4,8,8]"


def test_the_nearer_of_two_is_taken():
    from openvino import Model
    from openvino import opset13 as ov

    from ppinfer.model.quantize_with_nncf import nearest

    def adds(value):
        x = ov.parameter([-1, 4], np.float32, name="x")
        return Model([ov.add(x, ov.constant(np.full(4, value, np.float32)))], [x])

    candidates = [adds(value) for value in (0.5, 1.25, 3)]
    assert nearest(adds(1.0), candidates, np.zeros((3, 4), np.float32)) is candidates[1]


def test_tensors_are_written_as_numpy_reads_them(tmp_path, flat_photos):
    with Predictor(write_config(tmp_path / "a", config="crop_size 20\n")) as predictor:
        write_tensors(predictor, flat_photos, tmp_path / "tensors.npy")
        expected = [predictor.preprocess(path) for path in flat_photos]
    tensors = np.load(tmp_path / "tensors.npy", mmap_mode="r")
    assert (tensors.dtype, tensors.shape) == (np.float32, (CLASSES, 3, 20, 20))
    assert (tensors == np.stack(expected)).all()


def test_a_full_disk_is_an_error(tmp_path, flat_photos):
    """And not the end of the process, as writing into mapped memory would be."""
    with Predictor(write_config(tmp_path / "a")) as predictor, pytest.raises(OSError, match="No space left"):
        write_tensors(predictor, flat_photos, Path("/dev/full"))
