"""What writing costs: records in a part with its journal, against records that go nowhere, taking turns.

python tests/bench/writers.py [--model models/tests/tiny.onnx] [--rounds 5] [--formats text jsonl csv] FOLDER

The model should be one that costs next to nothing, so that all else shows. Prints for each format the rate as a share
of the rate to /dev/null (the median of the rounds, each against its own neighbour), the share of the lanes' time that
writing took, and bytes a record.
"""

import argparse
import os
import statistics
import tempfile
from pathlib import Path

from ppinfer import Predictor, Summary


def write_share(summary: Summary) -> float:
    return summary.stage_s["write"] / (summary.lanes * summary.wall_s)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--model", default="models/tests/tiny.onnx")
    parser.add_argument("--side", type=int, default=32, help="of the model's input, px")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--formats", nargs="+", default=["text", "jsonl", "csv"])
    arguments = parser.parse_args()
    keys = {"resize_short_size": arguments.side, "crop_size": arguments.side, "softmax": "auto"}
    ratios: dict[str, list[float]] = {name: [] for name in arguments.formats}
    shares: dict[str, list[float]] = {name: [] for name in arguments.formats}
    record_bytes: dict[str, float] = {}
    with Predictor(cls_model_path=arguments.model, **keys) as predictor, tempfile.TemporaryDirectory() as folder:
        predictor.write_records([arguments.folder], os.devnull)  # warms up
        for _ in range(arguments.rounds):
            for name in arguments.formats:
                nowhere = predictor.write_records([arguments.folder], os.devnull)
                output = Path(folder) / f"records.{name}"
                written = predictor.write_records([arguments.folder], output, format=name)
                ratios[name].append(written.images_per_s / nowhere.images_per_s)
                shares[name].append(write_share(written))
                record_bytes[name] = output.stat().st_size / written.images
        print(f"{predictor}, {written.images} images a round, {nowhere.images_per_s:.0f} images/s to /dev/null")
    for name in arguments.formats:
        ratio, share = statistics.median(ratios[name]), statistics.median(shares[name])
        size = record_bytes[name]
        print(f"{name}: {ratio:.3f} of that rate, {share:.2%} of the lanes' time, {size:.0f} bytes a record")


if __name__ == "__main__":
    main()
