"""A job of a million images: how soon the first record is there, whether rate and memory stay, whether all is there.

    python tests/bench/million.py [--images 1000000] [--seconds S] [--model models/tests/tiny.onnx] FOLDER

The images are hard links to copies of those of FOLDER, in a temporary folder that goes afterwards; the records are JSON
Lines in a file there, as `ppinfer classify` writes them with its progress lines on. --seconds ends the run by Ctrl-C.
Exit 1 when records are missing, or --images were all done and their number is another one.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import mean

LINKS_A_FILE = 50_000  # ext4 allows 65,000
FILES_A_FOLDER = 1_000
SAMPLES = 20
POLL_S = 0.002


@dataclass
class Sample:
    """One moment of the run."""

    second: float
    records: int
    resident_mib: float


class Records:
    """Counts the lines of a file that grows."""

    def __init__(self, *paths: Path) -> None:
        self._paths = paths  # the same file under its name while it grows, and its last
        self._offset = 0
        self.count = 0

    def look(self) -> int:
        for path in self._paths:
            try:
                with path.open("rb") as file:
                    file.seek(self._offset)
                    while block := file.read(1 << 20):
                        self.count += block.count(b"\n")
                        self._offset += len(block)
                break
            except FileNotFoundError:
                continue
        return self.count


def resident_mib(process_id: int) -> float:
    try:
        status = Path(f"/proc/{process_id}/status").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS:")), 0.0)


def make_links(photos: list[Path], images: int, root: Path) -> Path:
    """Gives the folder of the images; the copies stand beside it."""
    copies = root / "copies"
    copies.mkdir()
    links = root / "images"
    current: dict[int, Path] = {}
    for number in range(images):
        if number % FILES_A_FOLDER == 0:
            folder = links / f"{number // FILES_A_FOLDER:05}"
            folder.mkdir(parents=True)
        which = number % len(photos)
        if number // len(photos) % LINKS_A_FILE == 0:
            current[which] = copies / f"{number}{photos[which].suffix}"
            shutil.copyfile(photos[which], current[which])
        os.link(current[which], folder / f"{number:07}{photos[which].suffix}")
    return links


def watch(run: subprocess.Popen[bytes], records: Records, every_s: float, seconds: float) -> tuple[float, list[Sample]]:
    """Gives the seconds to the first record, and samples until the run is over, or is told to end."""
    start = time.perf_counter()
    while records.look() == 0 and run.poll() is None:
        time.sleep(POLL_S)
    first_s = time.perf_counter() - start
    samples: list[Sample] = []
    while run.poll() is None:
        now = time.perf_counter() - start
        samples.append(Sample(now, records.look(), resident_mib(run.pid)))
        if now >= seconds:
            run.send_signal(signal.SIGINT)
            run.wait(60)
            break
        time.sleep(min(every_s, max(0.0, seconds - now)))
    samples.append(Sample(time.perf_counter() - start, records.look(), 0.0))
    return first_s, samples


def show(first_s: float, samples: list[Sample], images: int) -> None:
    print(f"first record after {first_s:.2f} s")
    print(f"{'second':>8} {'records':>9} {'images/s':>9} {'MiB':>7}")
    rates: list[float] = []
    for before, now in pairwise(samples):
        rates.append((now.records - before.records) / (now.second - before.second))
        if now.resident_mib:
            print(f"{now.second:8.1f} {now.records:9} {rates[-1]:9.0f} {now.resident_mib:7.1f}")
    done = samples[-1].records
    print(f"{done} of {images} records in {samples[-1].second:.1f} s: {done / samples[-1].second:.0f} images/s")
    memory = [sample.resident_mib for sample in samples if sample.resident_mib][1:]
    steady = rates[:-1]  # the last stretch has the end of the process in it
    quarter = min(len(steady), len(memory)) // 4
    if quarter == 0:
        print("too short to say whether rate and memory stay")
        return
    early, late = mean(steady[:quarter]), mean(steady[-quarter:])
    print(f"rate, last quarter of the time to the first: {late / early:.3f}" if early else "no records at first")
    early, late = mean(memory[:quarter]), mean(memory[-quarter:])
    print(f"resident memory, last quarter to the first: {late / early:.3f} ({late - early:+.1f} MiB)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--images", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--every", type=float, default=None, help="seconds between samples")
    parser.add_argument("--model", default="models/tests/tiny.onnx")
    parser.add_argument("--crop-size", type=int, default=32)
    arguments = parser.parse_args()
    program = shutil.which("ppinfer")
    if program is None:
        parser.error("ppinfer isn't on the PATH: activate the environment it's installed in")
    photos = sorted(path for path in arguments.folder.iterdir() if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
    if not photos:
        parser.error(f"no images in {arguments.folder}")
    with tempfile.TemporaryDirectory(prefix="ppinfer-million-") as name:
        root = Path(name)
        start = time.perf_counter()
        links = make_links(photos, arguments.images, root)
        print(f"{arguments.images} links made in {time.perf_counter() - start:.1f} s", flush=True)
        output = root / "records.jsonl"
        model = ["-o", f"cls_model_path={arguments.model}", "-o", f"crop_size={arguments.crop_size}", "-o", "topk=1"]
        with (root / "said").open("wb") as said:
            run = subprocess.Popen([program, "classify", *model, "--output", output, links], stderr=said)
            records = Records(Path(f"{output}.part"), output)
            every_s = arguments.every or (arguments.seconds / SAMPLES if arguments.seconds < 1e9 else 10.0)
            first_s, samples = watch(run, records, every_s, arguments.seconds)
        if run.returncode not in (0, 130):
            sys.exit((root / "said").read_text())
        show(first_s, samples, arguments.images)
        if records.count == 0 or (run.returncode == 0 and records.count != arguments.images):
            sys.exit(f"{records.count} records of {arguments.images} images")


if __name__ == "__main__":
    main()
