"""An image's answer is its own: alone, at any place of a batch, in batches of any size, whoever its neighbours are."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from conftest import LabelledPhotos
from ppinfer import Predictor

ENGINES = ("openvino", "paddle")
LOGIT_TOLERANCE = 1e-5
LANES = 2


@pytest.fixture(scope="module", params=[("openvino", 1), ("openvino", 7), ("paddle", 7)])
def predictor(request: pytest.FixtureRequest, lite0: Path) -> Iterator[Predictor]:
    engine, batch_size = request.param
    with Predictor(model_dir=lite0, engine=engine, precision="fp32", batch_size=batch_size, lanes=LANES) as opened:
        yield opened


@pytest.fixture(scope="module")
def alone(predictor: Predictor, foolbox_photos: LabelledPhotos) -> np.ndarray:
    """Logits [images, classes], each image in a call of its own."""
    logits = np.stack([predictor.logits(path) for path in foolbox_photos.paths])
    assert len(np.unique(logits.argmax(1))) > 10  # so that another image's logits would show
    return logits


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return request.param


def assert_same(got: np.ndarray, expected: np.ndarray) -> None:
    np.testing.assert_array_equal(got.argmax(-1), expected.argmax(-1))
    np.testing.assert_allclose(got, expected, rtol=0, atol=LOGIT_TOLERANCE)


def batch_size_of(predictor: Predictor) -> int:
    return int(predictor.config["batch_size"].value)


def test_every_position_of_a_full_batch(
    predictor: Predictor, alone: np.ndarray, foolbox_photos: LabelledPhotos
) -> None:
    size = batch_size_of(predictor)
    for shift in range(size):
        batch = [(position + shift) % size for position in range(size)]
        assert_same(predictor.logits([foolbox_photos.paths[index] for index in batch]), alone[batch])


def test_every_length_of_the_last_batch(
    predictor: Predictor, alone: np.ndarray, foolbox_photos: LabelledPhotos
) -> None:
    size = batch_size_of(predictor)
    for count in range(1, 2 * size + 2):
        assert_same(predictor.logits(foolbox_photos.paths[:count]), alone[:count])


def test_the_same_image_all_over(predictor: Predictor, alone: np.ndarray, foolbox_photos: LabelledPhotos) -> None:
    count = 2 * batch_size_of(predictor) + 1
    logits = predictor.logits([foolbox_photos.paths[3]] * count)
    assert_same(logits, np.broadcast_to(alone[3], logits.shape))


def test_bad_neighbours_change_nothing(predictor: Predictor, alone: np.ndarray, foolbox_photos: LabelledPhotos) -> None:
    inputs = [entry for path in foolbox_photos.paths for entry in (b"no image", path, b"")]
    results = predictor.predict(inputs)
    assert [result.status for result in results] == ["error", "ok", "error"] * len(alone)
    for result, logits in zip(results[1::3], alone, strict=True):
        assert result.class_ids[0] == logits.argmax()
        np.testing.assert_allclose(result.scores, logits[list(result.class_ids)], rtol=0, atol=LOGIT_TOLERANCE)


def test_every_photo_in_one_call(predictor: Predictor, alone: np.ndarray, foolbox_photos: LabelledPhotos) -> None:
    logits = predictor.logits(foolbox_photos.paths)
    assert_same(logits, alone)
    largest = float(np.abs(logits - alone).max())
    print(f"{predictor!r}, batch_size {batch_size_of(predictor)}: largest difference of a logit {largest:.1e}")


def test_threads_that_come_and_go_change_nothing(
    predictor: Predictor, alone: np.ndarray, foolbox_photos: LabelledPhotos
) -> None:
    paths = foolbox_photos.paths[:4]
    for _ in range(5):
        with ThreadPoolExecutor(LANES) as threads:  # new threads each time, which may get the ids of those before
            for logits, expected in zip(threads.map(predictor.logits, paths), alone, strict=False):
                assert_same(logits, expected)
            for logits in threads.map(predictor.logits, [paths] * LANES):
                assert_same(logits, alone[: len(paths)])


def test_batch_sizes_and_lanes_agree(lite0: Path, foolbox_photos: LabelledPhotos, engine: str) -> None:
    rows = []
    for size in (1, 4, 32):
        with Predictor(model_dir=lite0, engine=engine, precision="fp32", batch_size=size, lanes=1) as opened:
            rows.append(opened.logits(foolbox_photos.paths))
    for other in rows[1:]:
        assert_same(other, rows[0])
