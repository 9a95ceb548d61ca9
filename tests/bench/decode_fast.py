"""What `decode fast` costs in answers and gains in time, on a folder of photos.

python tests/bench/decode_fast.py [--model models/efficientnet_lite0] [--engine openvino] [--rounds 5] FOLDER

Prints how many top-1 answers change against `decode exact` (of all images, and of those that are decoded at a reduced
size), the top-1 accuracy of both where FOLDER has a labels.txt of `file class-id` lines, and the decode times (the
median of the rounds, one lane, taking turns).

It also says how often each gives the answer of `interpolation area`, which looks at every pixel. cv2's other ways to
make a large photo small look at a few pixels here and there, so that fine structure becomes noise and an answer may
hang on it. A JPEG decoded at a reduced size is a mean over all pixels: where it flips an answer, area tells which of
the two the picture as a whole stands for.
"""

import argparse
import os
import statistics
from pathlib import Path

from ppinfer import Predictor, Result

MODES = ("exact", "fast")
EVERY_PIXEL = {"decode": "exact", "interpolation": "area", "resize_backend": "cv2"}


def read_labels(folder: Path) -> dict[str, int]:
    path = folder / "labels.txt"
    if not path.exists():
        return {}
    pairs = (line.rsplit(maxsplit=1) for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    return {name: int(class_id) for name, class_id in pairs}


def percent(part: int, whole: int) -> str:
    return f"{part} of {whole} ({100 * part / whole:.2f} %)" if whole else "0 of 0"


def print_answers(results: dict[str, list[Result]], labels: dict[str, int]) -> None:
    pairs = [
        (a, b) for a, b in zip(results["exact"], results["fast"], strict=True) if a.error is None and b.error is None
    ]
    failed = [
        (a, b) for a, b in zip(results["exact"], results["fast"], strict=True) if (a.error is None) != (b.error is None)
    ]
    if failed:
        raise SystemExit(f"{failed[0][0].path} is readable in one mode only")
    reduced = [(a, b) for a, b in pairs if a.scores != b.scores]  # pixels that differ give scores that differ
    flips = sum(a.class_ids[0] != b.class_ids[0] for a, b in pairs)
    print(
        f"top-1 flips: {percent(flips, len(pairs))}; of the images decoded at a reduced size: "
        f"{percent(flips, len(reduced))}"
    )
    for mode, position in zip(MODES, (0, 1), strict=True):
        known = [pair[position] for pair in pairs if Path(pair[0].path).name in labels]
        right = sum(result.class_ids[0] == labels[Path(result.path).name] for result in known)
        if known:
            print(f"top-1 right, {mode}: {percent(right, len(known))}")


def print_agreement(results: dict[str, list[Result]], every_pixel: list[Result]) -> None:
    for mode in MODES:
        known = [(a, b) for a, b in zip(results[mode], every_pixel, strict=True) if a.error is None and b.error is None]
        same = sum(a.class_ids[0] == b.class_ids[0] for a, b in known)
        print(f"top-1 of interpolation area, {mode}: {percent(same, len(known))}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="models/efficientnet_lite0")
    parser.add_argument("--engine", default="openvino")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    keys = {"model_dir": arguments.model, "engine": arguments.engine, "lanes": 1, "threads_per_lane": 1}
    predictors = {mode: Predictor(**keys, decode=mode) for mode in MODES}
    results = {mode: list(predictor.classify_folder(arguments.folder)) for mode, predictor in predictors.items()}
    print_answers(results, read_labels(arguments.folder))
    with Predictor(**keys, **EVERY_PIXEL) as predictor:
        print_agreement(results, predictor.classify_folder(arguments.folder))
    decode_ms: dict[str, list[float]] = {mode: [] for mode in MODES}
    images_per_s: dict[str, list[float]] = {mode: [] for mode in MODES}
    for _ in range(arguments.rounds):
        for mode, predictor in predictors.items():
            summary = predictor.write_records([arguments.folder], os.devnull)
            decode_ms[mode].append(1000 * (summary.stage_s or {})["decode"] / summary.images)
            images_per_s[mode].append(summary.images_per_s)
    for mode in MODES:
        print(
            f"{mode}: decode {statistics.median(decode_ms[mode]):.2f} ms an image, "
            f"{statistics.median(images_per_s[mode]):.1f} images/s end to end"
        )
    speed_up = statistics.median(decode_ms["exact"]) / statistics.median(decode_ms["fast"])
    print(f"fast decodes {speed_up:.2f} times as fast as exact")


if __name__ == "__main__":
    main()
