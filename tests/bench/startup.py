"""Cold start: how long `clas_system` takes from being called to its first answer.

python tests/bench/startup.py [--model models/efficientnet_lite0] [--runs 10] PHOTO

Each run is a new process that classifies one photo; engine openvino with and without a `model_cache_dir` that it has
filled before, and engine paddle, take turns; the files are in the page cache after the first, discarded, round. Prints
the median and the range of each, in milliseconds, after checking that the answers agree.
Exit code 1: the median of openvino with a filled cache is not below 1 second.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

CACHED = "openvino, cache"
KEYS = {"openvino": {"engine": "openvino"}, CACHED: {"engine": "openvino"}, "paddle": {"engine": "paddle"}}
MOST_MS = 1000


def timed_run(program: str, keys: dict[str, str], photo: str) -> tuple[float, str]:
    command = [program, "--format", "text", photo]
    for key, value in keys.items():
        command += ["-o", f"{key}={value}"]
    start = time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return (time.perf_counter() - start) * 1e3, done.stdout


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photo")
    parser.add_argument("--model", default="models/efficientnet_lite0")
    parser.add_argument("--runs", type=int, default=10)
    arguments = parser.parse_args()
    program = shutil.which("clas_system")
    if program is None:
        parser.error("clas_system isn't on the PATH: activate the environment it's installed in")
    if arguments.runs < 1:
        parser.error(f"--runs {arguments.runs}: expected 1 or more")
    times: dict[str, list[float]] = {name: [] for name in KEYS}
    answers = set()
    with tempfile.TemporaryDirectory() as cache:
        for run in range(arguments.runs + 1):
            for name, keys in KEYS.items():
                own_cache = cache if name == CACHED else ""
                keys = {**keys, "model_dir": arguments.model, "model_cache_dir": own_cache}
                elapsed_ms, answer = timed_run(program, keys, arguments.photo)
                answers.add(answer.split("\t")[1].split(" ")[0])
                if run > 0:
                    times[name].append(elapsed_ms)
        if not any(files for _, _, files in os.walk(cache)):
            raise SystemExit("nothing is in the model_cache_dir after all these runs")
    if len(answers) != 1:
        raise SystemExit(f"the engines disagree on the top class: {sorted(answers)}")
    for name, elapsed in times.items():
        print(
            f"{name:15} first answer after {statistics.median(elapsed):6.0f} ms "
            f"({min(elapsed):.0f} to {max(elapsed):.0f}, {len(elapsed)} runs)"
        )
    return int(statistics.median(times[CACHED]) >= MOST_MS)


if __name__ == "__main__":
    sys.exit(main())
