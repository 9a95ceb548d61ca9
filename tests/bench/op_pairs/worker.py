"""Takes nets through one way to make or run them: `python -m op_pairs.worker FOLDER WAY NET...`.

Writes a line of JSON before and after each net, so that a crash is known to be that net's.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from op_pairs.world import KEYS, Way, images, model_path, tensors
from plain_paddle import outputs, plain_predictor


def saver(folder: Path, way: Way) -> Callable[[str], None]:
    from op_pairs.making import eager_answers, make

    def save(net: str) -> None:
        path = model_path(folder, way.form, net)
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(Way("eager", way.form).answers_path(folder, net), eager_answers(net))
        make(net, path.with_suffix(""))

    return save


def usual_config(model: Path, precision: str) -> Any:
    """A Paddle config with oneDNN and the default passes."""
    from paddle import inference

    config = inference.Config(str(model), str(model.with_suffix(".pdiparams")))
    config.disable_glog_info()
    config.set_cpu_math_library_num_threads(1)
    config.enable_mkldnn()
    if precision == "bf16":
        config.enable_mkldnn_bfloat16()
    return config


def paddle_runner(folder: Path, way: Way) -> Callable[[str], np.ndarray]:
    """Paddle's own Python, with its default passes or with none."""

    from paddle import inference

    def run(net: str) -> np.ndarray:
        path = model_path(folder, way.form, net)
        is_plain = way.engine == "plain"
        predictor = plain_predictor(path) if is_plain else inference.create_predictor(usual_config(path, way.precision))
        scores = [outputs(predictor, batch)[0] for batch in (tensors()[:2], tensors()[2:])]
        return np.concatenate([part.reshape(len(part), -1) for part in scores])

    return run


def ppinfer_runner(folder: Path, way: Way) -> Callable[[str], np.ndarray]:
    import ppinfer

    def run(net: str) -> np.ndarray:
        keys = {**KEYS, "engine": way.engine.removeprefix("ppinfer "), "precision": way.precision}
        with ppinfer.Predictor(cls_model_path=model_path(folder, way.form, net), **keys) as predictor:
            return predictor.logits(images())

    return run


def work(folder: Path, way: Way, nets: list[str]) -> None:
    make_work = saver if way.engine == "make" else paddle_runner if "ppinfer" not in way.engine else ppinfer_runner
    do = make_work(folder, way)
    for net in nets:
        tell({"begun": net})
        try:
            answers = do(net)
        except Exception as error:
            tell({"net": net, "refused": str(error).strip().splitlines()[-1].strip()})
            continue
        if answers is not None:
            np.save(way.answers_path(folder, net), answers)
        tell({"net": net})


def tell(fact: dict[str, str]) -> None:
    lines.write(json.dumps(fact) + "\n")
    lines.flush()


if __name__ == "__main__":
    lines = os.fdopen(os.dup(1), "w")  # Paddle prints on standard output
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    warnings.simplefilter("ignore")
    work(Path(sys.argv[1]), Way(*json.loads(sys.argv[2])), sys.argv[3:])
