"""What a report counts, and which records and images it samples."""

import numpy as np
import pytest

import ppinfer
from ppinfer.report import thumbnails
from ppinfer.report.records import Record
from ppinfer.report.sampling import EvenSample, Lowest
from report_records import SOME, as_records, many, tally_of


def test_counts(tmp_path):
    tally = tally_of(as_records(SOME, tmp_path))
    assert (tally.images, tally.errors, tally.low, tally.unanswered) == (4, 1, 1, 1)
    assert [(tally.names[index].label, count) for index, count in tally.classes()] == [("tabby", 1), ("lynx", 1)]
    histogram = tally.confidence()
    assert (histogram.low, histogram.high) == (0, 1)
    assert [(place, count) for place, count in enumerate(histogram.counts) if count] == [(7, 1), (15, 1)]
    assert tally.median_confidence() == pytest.approx((0.75 + 0.375) / 2)


def test_scores_at_the_edges_stay_on_their_side():
    tally = tally_of([Record("a", [0], [score]) for score in (0.7, 0.69999, 0.0, 1.0)], low_confidence=0.7)
    assert tally.low == 2  # 0.7 is not below itself, though float32 has no 0.7
    assert (tally.confidence().counts[0], tally.confidence().counts[-1]) == (1, 1)


def test_scores_that_are_no_probabilities():
    histogram = tally_of([Record("a", [0], [score]) for score in (-2.5, 7.2, float("nan"))]).confidence()
    assert (histogram.low, histogram.high, sum(histogram.counts)) == (-3, 8, 2)


def test_scores_as_large_as_float32():
    tally = tally_of([Record("a", [0], [-3e38]), Record("b", [0], [3e38])])
    assert sum(tally.confidence().counts) == 2


def test_names_without_labels_are_limited_too(monkeypatch):
    monkeypatch.setattr("ppinfer.report.tally.MOST_TEXT", 1000)
    with pytest.raises(ppinfer.Error, match="hold 11 classes"):
        tally_of([Record("", [number], [0.5]) for number in range(20)])


def test_probabilities_that_rounding_has_put_beyond_the_ends_are_some():
    histogram = tally_of([Record("a", [0], [score]) for score in (1.0000001, -1e-7, 0.5)]).confidence()
    assert (histogram.low, histogram.high, sum(histogram.counts)) == (0, 1, 3)
    assert (histogram.counts[0], histogram.counts[-1]) == (1, 1)


def test_answers_are_best_first_whatever_the_order_of_the_record():
    (row,) = tally_of([Record("a", [], [0.1, 0.7, 0.2])]).rows()  # postprocess score: every class, without ids
    assert list(row.names) == [0, 1, 2]
    assert list(row.scores) == pytest.approx([0.7, 0.2, 0.1])
    assert row.best == pytest.approx(0.7)


def test_even_sample_keeps_equal_distances_and_never_more_than_twice_its_capacity():
    sample = EvenSample(100)
    for number in range(10_000):
        sample.add(number)
    kept = sample.items()
    assert len(kept) == 100
    gaps = np.diff(kept)
    assert gaps.min() > 0
    assert gaps.max() <= 2 * 10_000 / 100


def test_lowest():
    lowest = Lowest(3)
    for number in np.random.default_rng(0).permutation(1000):
        lowest.add(float(number), int(number))
    assert lowest.items() == [0, 1, 2]
    assert Lowest(0).items() == []


def test_a_list_that_is_too_long_keeps_errors_and_the_least_certain_and_says_so(tmp_path):
    tally = tally_of(as_records(many(5000), tmp_path), most_rows=400)
    rows = tally.rows()
    assert len(rows) == 400
    assert [row.number for row in rows] == sorted({row.number for row in rows})
    assert sum(row.error is not None for row in rows) >= 50  # all of them
    least = sorted(record["scores"][0] for record in many(5000) if record["status"] == "ok")[100 - 1]
    assert sum(row.best <= least + 1e-6 for row in rows) >= 100
    assert np.diff([row.number for row in rows]).max() < 5000 / 20
    said = tally.rows_in_words(len(rows))
    assert "400 of 5,000 records: all 50 errors, the 100 least certain" in said
    assert (tally.images, tally.errors, sum(tally.confidence().counts)) == (5000, 50, 4950)


def test_thumbnails_go_to_the_least_certain_to_errors_neighbours_and_evenly(tmp_path):
    rows = tally_of(as_records(many(2000), tmp_path), most_rows=2000).rows()
    chosen = thumbnails.choose(rows, 80)
    assert len(chosen) == len(set(chosen)) == 80
    assert not any(rows[place].error for place in chosen)
    least = sorted(row.best for row in rows if not row.error)[:20]
    assert sorted(rows[place].best for place in chosen)[:20] == least
    assert sum(rows[max(0, p - 1)].error is not None or rows[min(1999, p + 1)].error is not None for p in chosen) >= 15
    assert np.diff(sorted(chosen)).max() < 2000 / 8
    assert len(thumbnails.choose(rows[:50], 80)) == 50
