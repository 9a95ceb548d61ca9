"""Throughput of one lane against two, end to end, in one process, taking turns.

python tests/bench/lanes.py [--model models/efficientnet_lite0] [--engine openvino] [--precision fp32]
                             [--rounds 5] FOLDER

Prints images/s of each (the median of the rounds), their ratio, and where a lane's time goes, after checking that both
give the same records.
"""

import argparse
import os
import statistics
import tempfile
from pathlib import Path

from ppinfer import Predictor, RunSummary

LANES = (1, 2)
STAGES = ("read", "decode", "preprocess", "infer", "postprocess", "write")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--model", default="models/efficientnet_lite0")
    parser.add_argument("--engine", default="openvino")
    parser.add_argument("--precision", default="fp32")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    predictors = {
        lanes: Predictor(
            model_dir=arguments.model,
            engine=arguments.engine,
            precision=arguments.precision,
            lanes=lanes,
            threads_per_lane=1,
        )
        for lanes in LANES
    }
    summaries: dict[int, list[RunSummary]] = {lanes: [] for lanes in LANES}
    records: dict[int, bytes] = {}
    with tempfile.TemporaryDirectory() as folder:
        for round_number in range(arguments.rounds + 1):
            for lanes, predictor in predictors.items():
                output = Path(folder) / f"{lanes}.jsonl"
                summary = predictor.write_records([arguments.folder], output)
                records[lanes] = output.read_bytes()
                if round_number > 0:  # the first warms up
                    summaries[lanes].append(summary)
    if records[1] != records[2]:
        raise SystemExit("one lane and two lanes give different records")
    what = f"{arguments.engine} {arguments.precision}, {arguments.model}"
    print(f"{what}, {os.cpu_count()} CPUs, {summaries[1][0].images} images a round")
    rates = {lanes: statistics.median(s.images_per_s for s in done) for lanes, done in summaries.items()}
    for lanes, done in summaries.items():
        images = sum(summary.images for summary in done)
        split = ", ".join(f"{stage} {sum(s.stage_s[stage] for s in done) * 1e3 / images:.2f}" for stage in STAGES)
        print(f"{lanes} lane{'s' * (lanes > 1)}: {rates[lanes]:.1f} images/s; ms an image: {split}")
    print(f"2 lanes are {rates[2] / rates[1]:.2f} times 1 lane")


if __name__ == "__main__":
    main()
