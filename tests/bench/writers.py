"""What each format of records costs: runs of the fastest model, that into each format in turn with one into /dev/null.

    python tests/bench/writers.py [--model models/tests/tiny.onnx] [--images 2000] [--rounds 5] FOLDER

For each format: the median over the rounds of its time to that of the run into /dev/null beside it, the whole of it,
from the first image to the file in its place; the same of the CPU time of all threads, which says more on a machine
that others use, too; and the share of the lanes' time that was spent on writing.
"""

import argparse
import statistics
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from ppinfer import Predictor

FORMATS = ("text", "jsonl", "csv", "parquet", "npy")
NEEDS = {"npy": {"postprocess": "score"}}  # vectors of all classes


class Cost(NamedTuple):
    """Of one run."""

    wall_s: float
    cpu_s: float
    write_share: float


def timed(predictor: Predictor, images: list[Path], output: Path, format: str) -> Cost:
    start, cpu_start = time.perf_counter(), time.process_time()
    summary = predictor.write_records(images, output, format=format)
    wall_s, cpu_s = time.perf_counter() - start, time.process_time() - cpu_start
    assert summary.images == len(images), "an image is missing"
    assert summary.errors == 0, "an image is bad"
    assert summary.stage_s is not None, "write_records has stages"
    return Cost(wall_s, cpu_s, summary.stage_s["write"] / (summary.lanes * summary.wall_s))


def in_words(ratios: list[float]) -> str:
    return f"{statistics.median(ratios):.3f} ({min(ratios):.3f} - {max(ratios):.3f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="models/tests/tiny.onnx")
    parser.add_argument("--crop-size", type=int, default=32)
    parser.add_argument("--images", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    photos = sorted(path for path in arguments.folder.iterdir() if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
    if not photos:
        parser.error(f"no images in {arguments.folder}")
    images = [photos[number % len(photos)] for number in range(arguments.images)]
    pairs: dict[str, list[tuple[Cost, Cost]]] = defaultdict(list)
    keys = {"cls_model_path": arguments.model, "crop_size": arguments.crop_size}
    with tempfile.TemporaryDirectory() as name:
        for format in FORMATS:
            with Predictor(**keys, **NEEDS.get(format, {})) as predictor:
                timed(predictor, images[:100], Path(name) / f"warm.{format}", format)
                for round in range(arguments.rounds):
                    output = Path(name) / f"records.{round}.{format}"
                    pair = {"null": (Path("/dev/null"), "text"), "file": (output, format)}
                    order = sorted(pair, reverse=round % 2 == 0)
                    found = {which: timed(predictor, images, *pair[which]) for which in order}
                    pairs[format].append((found["file"], found["null"]))
    print(f"{arguments.images} images, {arguments.rounds} rounds; time to that of /dev/null: median (from - to)")
    for format in FORMATS:
        wall = [file.wall_s / null.wall_s for file, null in pairs[format]]
        cpu = [file.cpu_s / null.cpu_s for file, null in pairs[format]]
        share = 100 * statistics.median(file.write_share for file, _ in pairs[format])
        print(f"{format:8} {in_words(wall)}, CPU {in_words(cpu)}, writing {share:.2f} % of the lanes' time")


if __name__ == "__main__":
    main()
