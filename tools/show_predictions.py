"""Classifies a folder and shows file, label and score of each image, and the throughput.

show_predictions.py CONFIG FOLDER; exit 1 when some images failed, 2 when there are none.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ppinfer import Error, Predictor, RunSummary
from ppinfer.commands.failures import shown

MAX_ROWS = 60


def picked(records: list[dict]) -> list[dict]:
    """The first ones, and before those every one that failed, in their order."""
    failed_first = sorted(range(len(records)), key=lambda index: records[index]["status"] == "ok")
    return [records[index] for index in sorted(failed_first[:MAX_ROWS])]


def table(records: list[dict], folder: str) -> Table:
    columns = Table("file", "label")
    columns.add_column("score", justify="right")
    for record in records:
        name = Text(shown(os.path.relpath(record["path"], folder)))
        if record["status"] == "ok":
            label = [*record["label_names"], *map(str, record["class_ids"])][0]
            columns.add_row(name, Text(shown(label)), f"{record['scores'][0]:.3f}")
        else:
            reason = shown(f"error in {record['error']['stage']}: {record['error']['message']}")
            columns.add_row(name, Text(reason, "red"), "")
    return columns


def total(summary: RunSummary) -> str:
    text = f"{summary.images} images in {summary.wall_s:.2f} s"
    if summary.errors:
        text += f", {summary.errors} of them failed"
    return f"{text}: {summary.images_per_s:.0f} images/s"


def main() -> int:
    config, folder = sys.argv[1:]
    console = Console()
    with tempfile.TemporaryDirectory() as scratch, Predictor(config) as predictor:
        output = Path(scratch) / "records.jsonl"
        summary = predictor.write_records(folder, output)
        lines = output.read_text(encoding="utf-8").splitlines() if summary.images else []  # no images, no file
        records = [json.loads(line) for line in lines]
    if records:
        console.print(table(picked(records), folder))
        if len(records) > MAX_ROWS:
            console.print(f"... and {len(records) - MAX_ROWS} more")
        console.print(total(summary), style="bold")
    else:
        console.print(f"no images in {shown(folder)}", style="bold red")
    if summary.skipped:
        console.print(summary.skipped_in_words)
    return (1 if summary.errors else 0) if records else 2


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Error as error:
        print(error, file=sys.stderr)
        sys.exit(2)
