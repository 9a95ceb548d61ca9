"""What is counted over all records, and the rows that the page's table gets of them."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ppinfer._core import Error
from ppinfer.report.records import Record
from ppinfer.report.sampling import EvenSample, Lowest

MOST_ANSWERS = 10  # of an image, in the table
MOST_TEXT = 256 << 20  # characters
NAME_TEXT = 100  # that count for a name, whatever its label: what it takes in memory
BINS = 20  # of the histogram of confidence
ROUNDING = 1e-3  # by which probabilities may lie below 0 or above 1


class Row(NamedTuple):
    """One record in the table."""

    number: int
    """Its place among all records, from 0."""
    path: str
    names: array[int]
    """Indices into `Tally.names`, best first."""
    scores: array[float]
    """One a name, or none at all (attributes)."""
    best: float
    """The highest score; NaN without one."""
    error: tuple[str, str] | None
    """Stage and message."""


class Name(NamedTuple):
    """A class, or an attribute's text."""

    class_id: int | None
    label: str


class Confidence(NamedTuple):
    """A histogram of the best scores."""

    low: float
    high: float
    counts: list[int]
    """Counts of bins of equal width from `low` to `high`; only the last bin includes its upper edge."""


class Tally:
    """Goes over all records once.

    Args:
        low_confidence: Top-1 scores below this value count as low.
        most_rows: The table has at most this number of rows. A sample has up to a quarter of errors, up to a quarter
            of the least certain records, and an even sample of the others.
    """

    def __init__(self, *, low_confidence: float, most_rows: int) -> None:
        self.low_confidence = float(np.float32(low_confidence))  # as the scores are
        self.images = 0
        self.low = 0
        self.unanswered = 0
        """Fine, but without any class: all were below the config's threshold."""
        self.error_stages: Counter[str] = Counter()
        self.names: list[Name] = []
        self.has_scores = False
        self._most_rows = most_rows
        self._row_text = 0
        self._name_text = 0
        self._name_index: dict[Name, int] = {}
        self._best_count: Counter[int] = Counter()
        self._best_scores = array("f")
        self._even: EvenSample[Row] = EvenSample(most_rows)
        self._errors: EvenSample[Row] = EvenSample(most_rows // 4)
        self._least: Lowest[Row] = Lowest(most_rows // 4)

    def add_all(self, records: Iterable[Record]) -> None:
        """Count records, and keep some."""
        for record in records:
            self.add(record)

    def add(self, record: Record) -> None:
        """Count one, and keep it if the table will have it."""
        row = self._row_of(record)
        self.images += 1
        self._even.add(row)
        if row.error is not None:
            self.error_stages[row.error[0]] += 1
            self._errors.add(row)
            return
        if row.names:
            self._best_count[row.names[0]] += 1
        else:
            self.unanswered += 1
        if not math.isnan(row.best):
            self.has_scores = True
            self._best_scores.append(row.best)
            self.low += row.best < self.low_confidence
            self._least.add(row.best, row)

    @property
    def errors(self) -> int:
        """How many images were bad."""
        return sum(self.error_stages.values())

    def classes(self) -> list[tuple[int, int]]:
        """Index of a name and how often it was the best, the most frequent first."""
        return sorted(self._best_count.items(), key=lambda item: (-item[1], item[0]))

    def confidence(self) -> Confidence:
        """Return the histogram of top-1 scores: from 0 to 1 for probabilities, else over the scores' own range."""
        scores = np.frombuffer(self._best_scores, np.float32)
        scores = scores[np.isfinite(scores)]
        low, high = 0.0, 1.0
        if len(scores) and (scores.min() < -ROUNDING or scores.max() > 1 + ROUNDING):
            low, high = float(np.floor(scores.min())), float(np.ceil(scores.max()))
        counts, _ = np.histogram(scores.clip(low, high), bins=bin_edges(low, high))
        return Confidence(low, high, counts.tolist())

    def median_confidence(self) -> float:
        """Give the median of the best scores; NaN without one."""
        scores = np.frombuffer(self._best_scores, np.float32)
        return float(np.median(scores)) if len(scores) else math.nan

    def rows(self) -> list[Row]:
        """Give the table's rows, in the order of the records."""
        if self.images <= self._most_rows:
            return self._even.items()
        chosen = {row.number: row for row in [*self._errors.items(), *self._least.items()]}
        even = EvenSample[Row](self._most_rows - len(chosen))
        for row in self._even.items():
            if row.number not in chosen:
                even.add(row)
        chosen |= {row.number: row for row in even.items()}
        return [chosen[number] for number in sorted(chosen)]

    def rows_in_words(self, rows: int) -> str:
        """Say which records the table has; "" when it has all.

        >>> Tally(low_confidence=0.5, most_rows=10).rows_in_words(0)
        ''
        """
        if rows >= self.images:
            return ""
        quarter = self._most_rows // 4
        errors = f"all {self.errors:,}" if self.errors <= quarter else f"{quarter:,} of the {self.errors:,}"
        least = f", the {min(quarter, self._least.seen):,} least certain" if self._least.seen else ""
        return (
            f"The list holds {rows:,} of {self.images:,} records: {errors} errors{least}, and the others at equal "
            "distances. Totals and histograms count all."
        )

    def _row_of(self, record: Record) -> Row:
        number = self.images
        self._count_text(record)
        if record.error_stage:
            error = (record.error_stage, record.error_message)
            return Row(number, record.path, array("I"), array("f"), math.nan, error)
        names, answers = self._answers_of(record)
        scores = array("f", answers)
        best = max((score for score in scores if not math.isnan(score)), default=math.nan)
        return Row(number, record.path, array("I", names), scores, best, None)

    def _count_text(self, record: Record) -> None:
        """Stop before the page, and the memory for it, get huge: a small Parquet file may unpack to any size.

        Raises:
            Error: The texts are too long on average for this number of rows.
        """
        self._row_text += len(record.path) + len(record.error_message)
        images = self.images + 1
        kept = self._row_text / images * min(images, 3 * self._most_rows) + self._name_text
        if kept > MOST_TEXT:
            raise Error(
                f"the first {images:,} records hold {len(self.names):,} classes, and more than {MOST_TEXT:,} "
                "characters of paths, labels and messages: make the report of fewer records, or set --rows to less"
            )

    def _answers_of(self, record: Record) -> tuple[list[int], list[float]]:
        """Return the shown names and scores, highest score first."""
        ids, scores = record.class_ids, record.scores
        if not scores:  # attributes
            return [self._index_of(Name(None, label)) for label in record.labels[:MOST_ANSWERS]], []
        order: Sequence[int] = range(len(scores))
        if any(not after <= before for before, after in pairwise(scores)):
            order = sorted(order, key=lambda place: (math.isnan(scores[place]), -scores[place]))
        order = order[:MOST_ANSWERS]
        labels = record.labels if len(record.labels) == len(scores) else None
        names = [Name(ids[place] if ids else place, labels[place] if labels else "") for place in order]
        return [self._index_of(name) for name in names], [scores[place] for place in order]

    def _index_of(self, name: Name) -> int:
        index = self._name_index.setdefault(name, len(self.names))
        if index == len(self.names):
            self.names.append(name)
            self._name_text += NAME_TEXT + len(name.label)
        return index


def bin_edges(low: float, high: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """Give the edges of the histogram's bins, BINS + 1, as float32, which scores are."""
    return np.linspace(low, high, BINS + 1).astype(np.float32)
