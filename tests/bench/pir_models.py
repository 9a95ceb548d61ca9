"""Does engine openvino's own reader of Paddle 3 models (PIR) give Paddle's answers on every network of paddleclas?

    python tests/bench/pir_models.py [--nets NAME ...] [--folder FOLDER] [--speed] [--keep]

Exports each backbone of paddleclas 2.6.0 that builds and each network of paddle.vision.models with random weights.
Paddle works in processes of their own, as it can crash. Engine openvino reads the model in a process without Paddle.
Its outputs for one image and for three, in fp32 and bf16, are compared with those of Paddle's plain executor (no
oneDNN, no passes) for three. The difference is the largest of an output, as a share of its largest value. A network
agrees up to 1e-4, or else up to ten times what Paddle's own outputs move when its input moves by 1e-7. If these outputs
move by more than 1e-3, the network is unjudged.
`--speed` adds CPU milliseconds an image, CPU seconds to load and peak memory of both engines, and of engine paddle
without its check at load, taking turns. `--list` prints the names.

Needs pip install --no-deps paddleclas==2.6.0. All 410 take an hour and, unless --keep is given, the disk of one model.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pir_networks import export, made_pictures

TOLERANCE = 1e-4
MOST_TIMES_PADDLES_OWN = 10
MOST_OF_PADDLES_OWN = 1e-3
INPUT_NOISE = 1e-7
IMAGES = 3
ROUNDS = 3
HERE = Path(__file__).resolve().parent


def images_of(folder: Path) -> list[np.ndarray]:
    """Pictures of the network's own size."""
    return made_pictures(IMAGES, int((folder / "side.txt").read_text()))


def outputs_of(folder: Path) -> list[str]:
    """Names of the model's outputs, in order."""
    program = json.loads((folder / "inference.json").read_text())["program"]
    fetches = [
        {attribute["N"]: attribute["AT"]["D"] for attribute in operation["A"]}
        for operation in program["regions"][0]["blocks"][0]["ops"]
        if operation["#"] == "1.fetch"
    ]
    return [fetch["name"] for fetch in sorted(fetches, key=lambda fetch: fetch["col"])]


def predictor_of(folder: Path, **keys: object) -> Any:
    from ppinfer import Predictor

    side = (folder / "side.txt").read_text()
    size = {"resize_short_size": side, "crop_size": side, "warmup": 0}
    any_output = {"softmax": "off", "postprocess": "score"}  # takes any number of outputs
    files = {"cls_model_path": folder / "inference.json", "cls_params_path": folder / "inference.pdiparams"}
    return Predictor(**files, **size, **any_output, lanes=1, **keys)


def read(folder: Path) -> Mapping[str, Any]:
    """What engine openvino makes of it; the answers go into answers.npz."""
    from ppinfer import ModelError, _core

    precisions = ("fp32", "bf16") if "bf16" in _core.cpu_features() else ("fp32",)
    images = images_of(folder)
    answers: dict[str, Any] = {}
    try:
        for precision in precisions:
            for count in (1, IMAGES):
                for name in outputs_of(folder):
                    keys = {"precision": precision, "batch_size": count, "output_tensor": name}
                    with predictor_of(folder, engine="openvino", **keys) as predictor:
                        answers[f"{precision}.{count}.{name}"] = predictor.logits(images[:count])
                        answers["tensor"] = np.stack([predictor.preprocess(image) for image in images])
    except ModelError as error:
        return {"refused": str(error)}
    np.savez(folder / "answers.npz", **answers)
    maps = Path("/proc/self/maps").read_text()
    return {"has_paddle": "libpaddle" in maps or "libphi" in maps}


def share(a: np.ndarray, b: np.ndarray) -> float:
    if a.shape != b.shape or not (np.isfinite(a).all() and np.isfinite(b).all()):
        return float("inf")
    return float(np.abs(a.astype("float64") - b).max() / max(np.abs(b).max(), 1e-30))


def judge(folder: Path) -> None:
    """Compare answers.npz with Paddle's plain executor; the result goes into judged.json."""
    from plain_paddle import outputs, plain_predictor

    predictor = plain_predictor(folder / "inference.json")

    def plain_outputs(tensor: np.ndarray) -> list[np.ndarray]:
        return [output.reshape(len(tensor), -1) for output in outputs(predictor, tensor)]

    answers = np.load(folder / "answers.npz")
    names = outputs_of(folder)
    precisions = {key.split(".")[0] for key in answers.files if key != "tensor"}
    found: dict[str, Any] = {**dict.fromkeys(precisions, 0.0), "top1": True}
    expected = plain_outputs(answers["tensor"])
    for count in (1, IMAGES):
        for name, of_all in zip(names, expected, strict=True):
            right = of_all[:count]
            for precision in precisions:
                got = answers[f"{precision}.{count}.{name}"]
                found[precision] = max(found[precision], share(got, right))
                same = (got.argmax(1) == right.argmax(1)).all()
                found["top1"] = bool(found["top1"] and same)
    if found["fp32"] > TOLERANCE:
        noise = np.random.default_rng(5).standard_normal(answers["tensor"].shape).astype("float32")
        moved = plain_outputs(answers["tensor"] * (1 + np.float32(INPUT_NOISE) * noise))
        found["moves"] = max(share(other, right) for other, right in zip(moved, expected, strict=True))
    (folder / "judged.json").write_text(json.dumps(found))


SPEEDS = {
    "openvino": {"engine": "openvino"},
    "paddle": {"engine": "paddle"},
    "paddle, unchecked": {"engine": "paddle", "check_engine": 0},
}


def timed(folder: Path, way: str) -> Mapping[str, Any]:
    """CPU time of loading and of an image, and peak memory, of one of SPEEDS in this process."""
    images = images_of(folder) * 4
    before = time.process_time()
    with predictor_of(folder, **SPEEDS[way], output_tensor=outputs_of(folder)[0]) as predictor:
        loaded = time.process_time()
        predictor.logits(images)
        begun = time.process_time()
        predictor.logits(images)
        ms = 1e3 * (time.process_time() - begun) / len(images)
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"ms": ms, "load_s": loaded - before, "peak_mib": peak_mib}


def by_paddle(work: Callable[..., object], *arguments: object, seconds: float | None = None) -> str:
    """Run it in a process that has Paddle and the networks loaded; say what went wrong."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["loaded_networks"])
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=told, args=(theirs, work, *arguments))
    child.start()
    theirs.close()
    child.join(seconds)
    if child.exitcode is None:
        child.kill()
        child.join()
        return f"took more than {seconds:g} s"
    if child.exitcode < 0:
        return f"signal {-child.exitcode}"
    return str(ours.recv())


def told(pipe: Any, work: Callable[..., object], *arguments: object) -> None:
    """Send the reason if `work` fails, else nothing."""
    try:
        work(*arguments)
        pipe.send("")
    except Exception as error:
        pipe.send(str(error).strip().splitlines()[-1][:160] if str(error).strip() else type(error).__name__)


def step(folder: Path, name: str, *more: str) -> Mapping[str, Any]:
    """One step in a process of its own; `failed` says how it ended."""
    done = subprocess.run(
        [sys.executable, __file__, "--step", name, str(folder), *more],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    lines = done.stdout.strip().splitlines()
    if done.returncode != 0 or not lines:
        reason = (done.stderr.strip().splitlines() or [""])[-1]
        ended = f"signal {-done.returncode}" if done.returncode < 0 else f"exit {done.returncode}"
        return {"failed": f"{ended} {reason}"[:200]}
    found: Mapping[str, Any] = json.loads(lines[-1])
    return found


def exported(name: str, folder: Path, seconds: float) -> str:
    """Export the network unless it is there; say what went wrong."""
    if (folder / "side.txt").exists():
        return ""
    folder.mkdir(parents=True, exist_ok=True)
    return by_paddle(export, name, folder, seconds=seconds)


def row_of(name: str, folder: Path, *, speed: bool) -> tuple[str, list[str]]:
    """The verdict, and a table's row."""
    done = step(folder, "read")
    if "failed" in done or "refused" in done:
        return "refused", [name, "refused", str(done.get("refused") or done.get("failed"))]
    if done["has_paddle"]:
        return "wrong", [name, "wrong", "Paddle's library is mapped"]
    if problem := by_paddle(judge, folder):
        return "unjudged", [name, "unjudged", f"Paddle: {problem}"]
    found = json.loads((folder / "judged.json").read_text())
    moves = found.get("moves", 0)
    if moves > MOST_OF_PADDLES_OWN:  # also if infinite: such outputs can't be compared
        return "unjudged", [name, "unjudged", f"Paddle's own outputs move by {moves:.1e} with these weights"]
    limit = max(TOLERANCE, MOST_TIMES_PADDLES_OWN * moves)
    verdict = "agrees" if found["fp32"] <= limit else "wrong"
    bf16 = f"{found['bf16']:.1e}" if "bf16" in found else "not on this CPU"
    bf16 += "" if found["top1"] else ", top-1 differs"
    row = [name, verdict, f"{found['fp32']:.1e}", f"{moves:.1e}" if moves else "", bf16]
    return verdict, row + (speeds(folder) if speed else [])


def speeds(folder: Path) -> list[str]:
    """One cell per measure and way: the median over rounds in which the ways take turns."""
    rounds: dict[str, list[Mapping[str, Any]]] = {way: [] for way in SPEEDS}
    for _ in range(ROUNDS):
        for way, done in rounds.items():
            done.append(step(folder, "timed", way))
    cells = []
    for key, digits in (("ms", 2), ("load_s", 2), ("peak_mib", 0)):
        for done in rounds.values():
            failed = any("failed" in one for one in done)
            cells.append("fails" if failed else f"{statistics.median(one[key] for one in done):.{digits}f}")
    return cells


def run(names: Sequence[str], folder: Path, arguments: argparse.Namespace) -> int:
    columns = ["net", "", "fp32", "Paddle moves", "bf16"]
    if arguments.speed:
        columns += [f"{what}: {way}" for what in ("CPU ms", "load s", "MiB") for way in SPEEDS]
    print("| " + " | ".join(columns) + " |\n|" + "---|" * len(columns), flush=True)
    verdicts: dict[str, list[str]] = {}
    for name in names:
        here = folder / name
        if problem := exported(name, here, arguments.export_seconds):
            verdict, row = "not exported", [name, "not exported", problem]
        else:
            verdict, row = row_of(name, here, speed=arguments.speed)
        verdicts.setdefault(verdict, []).append(name)
        print("| " + " | ".join(row) + " |", flush=True)
        if not arguments.keep:
            shutil.rmtree(here, ignore_errors=True)
    print("\n" + ", ".join(f"{len(found)} {verdict}" for verdict, found in verdicts.items()))
    return int(not verdicts.keys() <= {"agrees", "not exported"})


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nets", nargs="+", metavar="NAME", help="only these")
    parser.add_argument("--folder", type=Path, help="where models are written, and found from an earlier run")
    parser.add_argument("--keep", action="store_true", help="leave the models there")
    parser.add_argument("--speed", action="store_true", help="CPU time, load time and memory beside engine paddle")
    parser.add_argument("--export-seconds", type=float, default=600, help="longest time for one export")
    parser.add_argument("--list", action="store_true", help="print the networks' names")
    parser.add_argument("--step", nargs="+", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.step:
        name, folder, *more = arguments.step
        print(json.dumps(timed(Path(folder), *more) if name == "timed" else read(Path(folder))))
        return 0
    names = arguments.nets
    if not names or arguments.list:
        names = subprocess.run(
            [sys.executable, HERE / "pir_networks.py"], check=True, capture_output=True, text=True
        ).stdout.split()
    if arguments.list:
        print("\n".join(names))
        return 0
    with tempfile.TemporaryDirectory(prefix="pir-") as made:
        return run(names, arguments.folder or Path(made), arguments)


if __name__ == "__main__":
    sys.exit(main())
