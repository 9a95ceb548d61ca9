"""Classifies a folder and shows file, label and score of each image, and the throughput.

show_predictions.py CONFIG FOLDER; exit 1 when some images failed.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ppinfer import Error, Predictor

MAX_ROWS = 60


def table(records: list[dict], folder: str) -> Table:
    columns = Table("file", "label")
    columns.add_column("score", justify="right")
    for record in records[:MAX_ROWS]:
        name = Text(os.path.relpath(record["path"], folder).encode(errors="replace").decode())
        if record["status"] == "ok":
            columns.add_row(name, Text(record["label_names"][0]), f"{record['scores'][0]:.3f}")
        else:
            columns.add_row(name, Text(f"error in {record['error']['stage']}: {record['error']['message']}", "red"), "")
    return columns


def main() -> int:
    config, folder = sys.argv[1:]
    console = Console()
    with tempfile.TemporaryDirectory() as scratch, Predictor(config) as predictor:
        output = Path(scratch) / "records.jsonl"
        summary = predictor.write_records(folder, output)
        records = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
        console.print(table(records, folder))
        if len(records) > MAX_ROWS:
            console.print(f"... and {len(records) - MAX_ROWS} more")
        failed = f", {summary.errors} of them failed" if summary.errors else ""
        console.print(
            f"{summary.images} images in {summary.wall_s:.2f} s{failed}: {summary.images_per_s:.0f} images/s",
            style="bold",
        )
        if not records:
            console.print(f"no images in {folder}", style="bold red")
    return 1 if summary.errors else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Error as error:
        sys.exit(str(error))
