"""From a file of records to a page."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ppinfer._core import Error
from ppinfer.outputs.new_file import replaced
from ppinfer.report import thumbnails as pictures
from ppinfer.report.facts import RunFacts, run_facts
from ppinfer.report.packing import shown
from ppinfer.report.page import render
from ppinfer.report.record_folder import record_files
from ppinfer.report.records import Problems, check_readable, read_metadata, read_records
from ppinfer.report.table_library import need_table_library
from ppinfer.report.tally import Tally

LOW_CONFIDENCE = 0.5
MOST_THUMBNAILS = 400
MOST_ROWS = 200_000


@dataclass(frozen=True)
class ReportSummary:
    """What a page came to."""

    images: int
    """Records that it counts."""
    errors: int
    """Of these."""
    rows: int
    """Records in its list."""
    thumbnails: int
    thumbnail_problems: int
    """Images chosen for a thumbnail that gave none."""
    page_bytes: int
    problems: int = 0
    """Of the files of records: lines and rows that aren't records, and so aren't counted."""
    problems_named: tuple[str, ...] = ()
    """The first of these, each with its place and the reason."""
    left_out: tuple[str, ...] = ()
    """Files of the folder that the page isn't of, each with the reason."""

    def __str__(self) -> str:
        """Say what the page has.

        >>> str(ReportSummary(images=3, errors=1, rows=2, thumbnails=1, thumbnail_problems=0, page_bytes=1_200_000))
        '3 images, 1 errors, 2 in the list, thumbnails of 1; 1.2 MB'
        """
        text = f"{self.images:,} images, {self.errors:,} errors"
        if self.rows < self.images:
            text += f", {self.rows:,} in the list"
        text += f", thumbnails of {self.thumbnails:,}"
        if self.thumbnail_problems:
            text += f" ({self.thumbnail_problems:,} could not be made)"
        return f"{text}; {self.page_bytes / 1e6:.1f} MB"


def write_report(
    records_path: str | os.PathLike[str],
    report_path: str | os.PathLike[str],
    *,
    facts: Mapping[str, Any] | None = None,
    low_confidence: float = LOW_CONFIDENCE,
    most_thumbnails: int = MOST_THUMBNAILS,
    most_rows: int = MOST_ROWS,
) -> ReportSummary:
    """Make one HTML page of a file of records, that needs no other file and no network.

    The process takes some 220 MB for 100,000 records and 430 MB for a million, most of it for `most_rows`.

    Args:
        records_path: JSON Lines, CSV or Parquet, detected from content, or a folder of such files, read as a stream. In
            a folder, logs and files of errors that are in other files are skipped.
        report_path: The page; it is put there when it is whole.
        facts: What is known of the run, as `run_facts` takes it. None: what a Parquet file says of itself.
        low_confidence: A best score below it counts as low.
        most_thumbnails: Of images, which are looked for by the records' paths, seen from the current folder.
        most_rows: Of the page's list: of more records it holds a sample. All are counted.

    Raises:
        Error: A file can't be read or written, none of it is a record, or a package is missing. The message says
            which, and the way out.
        ValueError: A limit is less than 0.
    """
    if most_thumbnails < 0 or most_rows < 0:
        raise ValueError(f"most_thumbnails is {most_thumbnails}, most_rows is {most_rows}: expected 0 or more")
    page_path = Path(report_path)
    files, left_out = record_files(records_path)
    check_readable(files)
    need_table_library()
    if any(page_path.resolve() == file.resolve() for file in files):
        raise Error(f"{page_path}: is the file of records itself, expected another name for the page")
    if page_path.exists() and not page_path.is_file() and not page_path.is_dir():
        raise Error(f"{page_path}: the report can't be written: it is not a regular file, and would be replaced")
    with replaced(os.fspath(page_path), ".part") as part:
        known = run_facts(read_metadata(files[0]) if facts is None else facts)
        tally = Tally(low_confidence=low_confidence, most_rows=most_rows)
        problems = Problems()
        tally.add_all(read_records(files, problems))
        if problems.count and not tally.images:
            raise Error(problems.named[0])
        rows = tally.rows()
        made = pictures.make(rows, pictures.choose(rows, most_thumbnails))
        notes = [
            *_notes(tally, known),
            *_notes_of_problems(problems),
            *(f"Left out: {shown(one)}." for one in left_out),
        ]
        page = render(shown(os.fspath(records_path)), tally, rows, made, known, notes).encode()
        part.write(page)
    return ReportSummary(
        images=tally.images,
        errors=tally.errors,
        rows=len(rows),
        thumbnails=len(made.pictures),
        thumbnail_problems=len(made.problems),
        page_bytes=len(page),
        problems=problems.count,
        problems_named=tuple(problems.named),
        left_out=tuple(left_out),
    )


def _notes(tally: Tally, facts: RunFacts) -> list[str]:
    """Say what is missing, and what doesn't fit together."""
    notes = []
    if tally.unanswered and not tally.names:
        notes.append(
            "The records have no classes, such as records of a model that gives vectors; vectors aren't shown."
        )
    if facts.images is not None and facts.images != tally.images:
        notes.append(
            f"The records hold {tally.images:,} images, but the run's facts have {facts.images:,}: speed and times "
            "are from the run, all other figures from the records."
        )
    return notes


def _notes_of_problems(problems: Problems) -> list[str]:
    if not problems.count:
        return []
    more = problems.count - len(problems.named)
    return [
        f"{problems.count:,} lines or rows aren't records; the page doesn't count them.",
        *(f"{shown(one)}." for one in problems.named),
        *([f"{more:,} more."] if more else []),
    ]
