"""Whether memory stays flat: resident memory of `clas_system` after 2,000 and after 50,000 images.

    python tests/bench/memory.py [--model models/efficientnet_lite0] [--engine openvino] [--images 50000] FOLDER

The images of FOLDER, of whatever sizes they are, are given again and again. Prints the resident memory along the
way and the growth from the 2,000th image to the last.
Exit code 1: it grew by more than 2 %, or an image failed.
"""

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

FIRST_MARK = 2_000
MARKS = 4
STEP = 250
MOST_GROWTH = 0.02


def resident_kib(process_id: int) -> int:
    status = Path(f"/proc/{process_id}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="models/efficientnet_lite0")
    parser.add_argument("--engine", default="openvino")
    parser.add_argument("--images", type=int, default=50_000)
    arguments = parser.parse_args()
    if arguments.images <= FIRST_MARK:
        parser.error(f"--images must be more than {FIRST_MARK}")
    program = shutil.which("clas_system")
    if program is None:
        parser.error("clas_system isn't on the PATH: activate the environment it's installed in")
    photos = sorted(path for path in arguments.folder.iterdir() if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
    if not photos:
        parser.error(f"no images in {arguments.folder}")
    marks = {FIRST_MARK + mark * (arguments.images - FIRST_MARK) // MARKS for mark in range(MARKS + 1)}
    model = ["-o", f"model_dir={arguments.model}", "-o", f"engine={arguments.engine}"]
    command = [program, *model, "-o", "topk=1", "--format", "jsonl", "--list", "-"]
    memory_kib: dict[int, int] = {}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as run:
        assert run.stdin is not None
        assert run.stdout is not None
        done = 0
        while done < arguments.images:
            # A few paths at a time: the run can't end before its memory is read, nor a pipe be full.
            given = min(STEP, min(mark for mark in marks if mark > done) - done)
            run.stdin.write("".join(f"{photos[(done + i) % len(photos)].resolve()}\n" for i in range(given)))
            run.stdin.flush()
            for _ in range(given):
                done += 1
                line = run.stdout.readline()
                if not line or json.loads(line)["status"] != "ok":
                    sys.exit(f"image {done} failed: {line}")
            if done in marks:
                memory_kib[done] = resident_kib(run.pid)
                print(f"{done:8} images: {memory_kib[done] / 1024:8.1f} MiB", flush=True)
        run.stdin.close()
        if run.stdout.read() or run.wait() != 0:
            sys.exit(f"exit code {run.returncode} after {done} records")
    first, last = memory_kib[FIRST_MARK], memory_kib[max(memory_kib)]
    growth = (last - first) / first
    print(
        f"growth from {FIRST_MARK} to {max(memory_kib)} images: {100 * growth:+.2f} %, "
        f"{100 * MOST_GROWTH:g} % at most is expected"
    )
    return int(growth > MOST_GROWTH)


if __name__ == "__main__":
    sys.exit(main())
