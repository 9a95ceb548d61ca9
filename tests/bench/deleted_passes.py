"""What does deleting Paddle's wrong passes cost engine paddle in speed?

    python tests/bench/deleted_passes.py [--nets NAME ...] [--rounds 5] [--classic]

Exports ten architectures (the README's, with EfficientNetB0 in place of EfficientNet-Lite0) from paddleclas 2.6.0 with
random weights. Each runs on one thread in Paddle's own predictor with oneDNN, once with all passes and once without the
passes that cpp/engines/paddle/wrong_passes.cc deletes. The two take turns, each turn in its own process. Prints CPU
milliseconds an image and the ratio deleted / all, each as median (least to most), and the difference of each from
Paddle's plain executor, as a share of the largest output.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
NETS = (
    "MobileNetV3_small_x1_0", "EfficientNetB0", "EfficientNetB3", "ResNet50", "PPLCNet_x1_0", "DeiT_tiny_patch16_224",
    "RepVGG_A0", "VGG16", "ShuffleNetV2_x1_0", "SwinTransformer_tiny_patch4_window7_224",
)  # fmt: skip
FORMATS = {".json": "kPaddlePir", ".pdmodel": "kPaddleProgram"}


def wrong_passes(model: Path) -> list[str]:
    table = (HERE.parents[1] / "cpp/engines/paddle/wrong_passes.cc").read_text()
    return re.findall(rf'ModelFormat::{FORMATS[model.suffix]},\s*"(\w+)"', table)


def run(model: Path, *, deleted: bool, seconds: float) -> dict[str, Any]:
    """CPU milliseconds an image, and the difference from the plain executor."""
    from paddle import inference

    from op_pairs.worker import usual_config
    from plain_paddle import outputs, plain_predictor

    config = usual_config(model, "fp32")
    for name in wrong_passes(model) if deleted else ():
        config.delete_pass(name)
    predictor = inference.create_predictor(config)
    side = int((model.parent / "side.txt").read_text())
    tensor = np.random.default_rng(3).standard_normal((1, 3, side, side)).astype("float32")
    right = outputs(plain_predictor(model), tensor)[0]
    difference = float(np.abs(outputs(predictor, tensor)[0] - right).max() / np.abs(right).max())
    images, begun = 0, time.process_time()
    while images == 0 or time.process_time() < begun + seconds:
        outputs(predictor, tensor)
        images += 1
    return {"ms": 1e3 * (time.process_time() - begun) / images, "difference": difference}


def in_a_process(*words: str, classic: bool = False) -> str:
    flags = {"OMP_NUM_THREADS": "1", "FLAGS_enable_pir_api": str(int(not classic))}
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, env={**os.environ, **flags})
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or [""])[-1]
        raise SystemExit(f"{' '.join(words)}: ended with {done.returncode}: {reason}")
    return done.stdout


def spread(values: Sequence[float], digits: int) -> str:
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nets", nargs="+", metavar="NAME", default=NETS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="CPU seconds of a turn")
    parser.add_argument("--classic", action="store_true", help="inference.pdmodel in place of inference.json")
    parser.add_argument("--run", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run:
        model, deleted = arguments.run
        print(json.dumps(run(Path(model), deleted=deleted == "deleted", seconds=arguments.seconds)))
        return 0
    print("| net | all passes, ms | wrong ones deleted, ms | deleted / all | differences |\n" + "|---" * 5 + "|")
    for name in arguments.nets:
        with tempfile.TemporaryDirectory() as folder:
            in_a_process(str(HERE / "pir_networks.py"), folder, name, classic=arguments.classic)
            model = Path(folder) / ("inference.pdmodel" if arguments.classic else "inference.json")
            turns: dict[str, list[dict[str, float]]] = {"all": [], "deleted": []}
            for _ in range(arguments.rounds):
                for way, done in turns.items():
                    words = (__file__, "--seconds", str(arguments.seconds), "--run", str(model), way)
                    done.append(json.loads(in_a_process(*words).strip().splitlines()[-1]))
        every, deleted = ([turn["ms"] for turn in done] for done in turns.values())
        ratios = [slow / fast for slow, fast in zip(deleted, every, strict=True)]
        differences = " ".join(f"{done[0]['difference']:.1e}" for done in turns.values())
        print(
            f"| {name} | {spread(every, 2)} | {spread(deleted, 2)} | {spread(ratios, 3)} | {differences} |", flush=True
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
