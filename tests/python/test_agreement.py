"""What counts as the same result, and how far arrays are apart: of benchmark, tune, compare, convert and quantize."""

import math

import numpy as np
import pytest

from ppinfer import Result
from ppinfer.agreement import Agreement, compare_results, difference
from ppinfer.result import ImageError


@pytest.mark.parametrize(
    ("expected", "got", "postprocess", "said"),
    [
        (Result("a", (1, 2), (0.5, 0.3)), Result("a", (1, 3), (0.5, 0.3)), "topk", ""),
        (Result("a", (1, 2), (0.5, 0.3)), Result("a", (2, 1), (0.5, 0.3)), "topk", "class 2 (0.5000), expected 1"),
        (Result("a", (1, 2), (0.50005, 0.5)), Result("a", (2, 1), (0.50005, 0.5)), "topk", ""),  # a tie
        (Result("a", (1,), (0.5,)), Result("a", (1,), (0.5002,)), "topk", "scores differ by 0.0002"),
        (Result("a", (1,), (500.0,)), Result("a", (1,), (500.02,)), "topk", ""),  # as a share of large ones
        (Result("a", (1,), (0.5,)), Result("a", (1,), (float("nan"),)), "topk", "scores differ by inf"),
        (Result("a", (1, 4), (0.9, 0.8)), Result("a", (1,), (0.9,)), "multilabel", "classes [1], expected [1, 4]"),
        (Result("a", (), (0.1, 0.9)), Result("a", (), (0.9, 0.1)), "score", "class 0 (0.9000), expected 1"),
        (Result("a", (), (0.1, 0.9)), Result("a", (), (0.1, 0.9)), "score", ""),
        (
            Result("a", attributes=("Hat",), attribute_flags=(1, 0)),
            Result("a", attributes=("None",), attribute_flags=(0, 0)),
            "person_attribute",
            "None, expected Hat",
        ),
        (Result("a", embedding=(1.0, 0.0)), Result("a", embedding=(0.0, 1.0)), "embedding", "a cosine of 0.000"),
        (
            Result("a", embedding=(0.6, 0.8)),
            Result("a", embedding=(0.6, 0.0, 0.8)),
            "embedding",
            "an embedding of 3 values, expected 2",
        ),
        (Result("a", embedding=(1.0,)), Result("a", (1,), (0.5,)), "embedding", "an embedding of 0 values, expected 1"),
        (Result("a", (1,), (0.5,)), Result("a", error=ImageError("infer", "broke")), "topk", "infer: broke"),
        (Result("a", error=ImageError("decode", "bad")), Result("a", (1,), (0.5,)), "topk", "expected decode: bad"),
    ],
)
def test_what_counts_as_the_same_answer(expected, got, postprocess, said):
    found = compare_results([expected], [got], postprocess=postprocess, score_tolerance=1e-4)
    (how,) = found.disagreeing.values() or [""]
    assert how.startswith(said) if said.startswith(("class", "scores")) else said in how
    assert (found.images, found.agreeing, bool(how)) == (1, not said, bool(said))


def test_scores_count_only_within_a_tolerance():
    expected, got = Result("a", (1,), (0.5,)), Result("a", (1,), (0.3,))
    found = compare_results([expected], [got], postprocess="topk")
    assert (found.agreeing, found.largest_difference) == (1, pytest.approx(0.2))


@pytest.mark.parametrize(
    ("expected", "images"),
    [(Result("a", error=ImageError("decode", "no image")), 0), (Result("a", (1,), (0.5,)), 1)],
)
def test_a_bad_image_disagrees_where_the_reference_has_an_answer(expected, images):
    bad = Result("a", error=ImageError("decode", "no image"))
    found = compare_results([expected], [bad], postprocess="topk")
    assert (found.agreeing, found.images, found.bad) == (0, images, {"a": "decode: no image"})
    assert found.reaches(1) == (images == 0)


def test_agreement_is_judged_by_counts():
    assert not Agreement(19, 20).reaches(0.995)
    assert Agreement(20, 20).reaches(0.995)
    assert Agreement(995, 1000).reaches(0.995)
    assert not Agreement(994, 1000).reaches(0.995)
    assert Agreement(0, 5).reaches(0)
    assert not Agreement(4, 5).reaches(1)


def test_differences_are_those_of_a_loop():
    random = np.random.default_rng(5)
    a, b = random.normal(0, 30, (2, 7, 9)).astype(np.float32)
    apart = [abs(float(x) - float(y)) for x, y in zip(a.flat, b.flat, strict=True)]
    found = difference(a, b)
    assert (found.largest, found.mean) == (max(apart), pytest.approx(sum(apart) / len(apart)))
    assert found.relative == pytest.approx(max(apart) / max(1.0, *(abs(float(x)) for x in a.flat)))
    pixels = np.array([0, 255], np.uint8)
    assert difference(pixels, pixels[::-1]).largest == 255  # without an overflow


@pytest.mark.parametrize(
    ("a", "b", "largest", "note"),
    [
        ([1, 2], [[1, 2]], math.inf, "shape [2] | [1, 2]"),
        ([1, 2], [1, math.nan], math.inf, "not a number"),
        ([1, math.inf], [1, math.inf], 0, ""),
        ([1, math.nan], [1, math.nan], 0, ""),
        ([1, 2], [1, math.inf], math.inf, ""),
        ([], [], 0, ""),
    ],
)
def test_differences_that_no_distance_tells(a, b, largest, note):
    found = difference(np.array(a, np.float32), np.array(b, np.float32))
    assert (found.largest, found.note) == (largest, note)
    assert found.relative == largest
