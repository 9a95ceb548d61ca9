"""Cold start: how long `clas_system` takes from being called to its first answer.

python tests/bench/startup.py [--model models/efficientnet_lite0] [--runs 10] PHOTO

Each run is a new process that classifies one photo; engines take turns; the files are in the page cache after the
first, discarded, round. Prints the median and the range of each, in milliseconds, after checking that the answers
agree.
"""

import argparse
import shutil
import statistics
import subprocess
import time

ENGINES = ("openvino", "paddle")


def timed_run(program: str, model: str, engine: str, photo: str) -> tuple[float, str]:
    command = [program, "-o", f"model_dir={model}", "-o", f"engine={engine}", "--format", "text", photo]
    start = time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return (time.perf_counter() - start) * 1e3, done.stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photo")
    parser.add_argument("--model", default="models/efficientnet_lite0")
    parser.add_argument("--runs", type=int, default=10)
    arguments = parser.parse_args()
    program = shutil.which("clas_system")
    if program is None:
        parser.error("clas_system isn't on the PATH: activate the environment it's installed in")
    times: dict[str, list[float]] = {engine: [] for engine in ENGINES}
    answers = set()
    for run in range(arguments.runs + 1):
        for engine in ENGINES:
            elapsed_ms, answer = timed_run(program, arguments.model, engine, arguments.photo)
            answers.add(answer.split("\t")[1].split(" ")[0])
            if run > 0:
                times[engine].append(elapsed_ms)
    if len(answers) != 1:
        raise SystemExit(f"the engines disagree on the top class: {sorted(answers)}")
    for engine, elapsed in times.items():
        print(
            f"{engine:9} first answer after {statistics.median(elapsed):6.0f} ms "
            f"({min(elapsed):.0f} to {max(elapsed):.0f}, {len(elapsed)} runs)"
        )


if __name__ == "__main__":
    main()
