"""How large the page of a report is, how long it takes to make, and how soon a browser has its list.

    python tests/bench/report_page.py FOLDER [--records 200 100000] [--rounds 3]

The records are made up; their images are those of FOLDER, over and over, so that thumbnails are real. A round loads
each page in a new Chromium, one page after the other; the medians are printed, in milliseconds.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

from ppinfer.report import write_report

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "python"))
from browser import Browser

CLASSES, TOPK = 1000, 5
# What a person waits for: the first text, the list, the list in another order, and what a search finds.
SORT = """((select, start) => { select.value = '4 asc'; select.dispatchEvent(new Event('change'));
  return performance.now() - start })(document.getElementById('sort'), performance.now())"""
SEARCH = """((input, start) => { input.value = 'class 7'; input.dispatchEvent(new Event('input'));
  input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter' }));
  return performance.now() - start })(document.getElementById('search'), performance.now())"""
WAITS = {
    "first text": "performance.getEntriesByName('first-contentful-paint')[0].startTime",
    "list": "Number(document.documentElement.dataset.ready)",
    "sort": SORT,
    "search": SEARCH,
}


def write_records(path: Path, images: list[Path], count: int) -> None:
    chance = random.Random(0)
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            record: dict[str, object] = {"path": str(images[number % len(images)])}
            if number % 100 == 99:
                record |= {"status": "error", "error": {"stage": "decode", "message": "the file ends too early"}}
            else:
                ids = chance.sample(range(CLASSES), TOPK)
                scores = sorted((chance.random() / place for place in range(1, TOPK + 1)), reverse=True)
                names = [f"class {class_id}" for class_id in ids]
                record |= {"status": "ok", "class_ids": ids, "scores": scores, "label_names": names}
            file.write(json.dumps(record) + "\n")


def waits(page: Path, profile: Path) -> dict[str, float]:
    browser = Browser(profile)
    try:
        browser.open(page)
        return {name: float(str(browser.js(expression))) for name, expression in WAITS.items()}
    finally:
        browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--records", type=int, nargs="+", default=[200, 100_000])
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    endings = (".jpg", ".jpeg", ".png")
    images = sorted(path for path in arguments.folder.rglob("*") if path.suffix.lower() in endings)
    if not images:
        parser.error(f"{arguments.folder}: no images")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measured: dict[Path, list[dict[str, float]]] = {}
        for count in arguments.records:
            page = folder / f"{count}.html"
            write_records(folder / "records.jsonl", images, count)
            start = time.perf_counter()
            made = write_report(folder / "records.jsonl", page)
            seconds = time.perf_counter() - start
            size = f"{made.page_bytes / 1e6:.1f} MB"
            print(f"{count} records: {size}, {made.thumbnails} thumbnails, made in {seconds:.1f} s")
            measured[page] = []
        for turn in range(arguments.rounds):
            for page, found in measured.items():
                found.append(waits(page, folder / f"profile-{turn}-{page.stem}"))
        for page, found in measured.items():
            medians = {wait: statistics.median(one[wait] for one in found) for wait in WAITS}
            print(f"{page.stem} records:", ", ".join(f"{wait} {ms:.0f} ms" for wait, ms in medians.items()))


if __name__ == "__main__":
    main()
