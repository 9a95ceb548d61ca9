"""Whether memory stays flat: resident memory of `clas_system` after 2,000 and after 50,000 images.

    python tests/bench/memory.py [--model models/efficientnet_lite0] [--engine openvino] [--images 50000] FOLDER

The images of FOLDER, of whatever sizes they are, are given again and again. Prints the resident memory along the
way and the growth from the 2,000th image to the last.
Exit code 1: it grew by more than 2 %, or an image failed.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FIRST_MARK = 2_000
MARKS = 10
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
    with tempfile.TemporaryDirectory() as name:
        links = Path(name)
        for number in range(arguments.images):
            os.symlink(
                photos[number % len(photos)].resolve(), links / f"{number:07}{photos[number % len(photos)].suffix}"
            )
        model = ["-o", f"model_dir={arguments.model}", "-o", f"engine={arguments.engine}"]
        command = [program, *model, "-o", "topk=1", "--format", "jsonl", name]
        run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert run.stdout is not None
        memory_kib: dict[int, int] = {}
        for count, line in enumerate(run.stdout, 1):
            if json.loads(line)["status"] != "ok":
                sys.exit(f"image {count} failed: {line.decode()}")
            if count in marks and run.poll() is None:
                memory_kib[count] = resident_kib(run.pid)
                print(f"{count:8} images: {memory_kib[count] / 1024:8.1f} MiB", flush=True)
        if run.wait() != 0 or count != arguments.images:
            sys.exit(f"{count} records of {arguments.images}, exit code {run.returncode}")
    first, last = memory_kib[FIRST_MARK], memory_kib[max(memory_kib)]
    growth = (last - first) / first
    print(
        f"growth from {FIRST_MARK} to {max(memory_kib)} images: {100 * growth:+.2f} %, "
        f"{100 * MOST_GROWTH:g} % at most is expected"
    )
    return int(growth > MOST_GROWTH)


if __name__ == "__main__":
    sys.exit(main())
