"""PaddleClas 2.6's own deploy/python/predict_cls.py: its `main`, with the model loaded before.

Three of its names are bound anew while it runs, none of its code is copied: `Config` takes the two files (with a folder
and a prefix it fails on Paddle 3), `ClsPredictor` gives the predictor that is loaded already, and its postprocessing is
listened to when scores are asked for. What it prints goes to nowhere.
"""

from __future__ import annotations

import os
import sys
from contextlib import redirect_stdout
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from peers.contestant import Task, serve
from ppinfer.measure.compare.paddleclas import deployment_module
from ppinfer.model.export import MODEL_FILES, PARAMS_FILE

BATCH_SIZE = 8


class PaddleClasMain:
    """See Contestant."""

    def __init__(self, task: Task) -> None:
        if task.precision != "fp32":
            raise ValueError(f"predict_cls.py runs fp32 on a CPU, not {task.precision}")
        self._module: Any = deployment_module("predict_cls")
        predictors: Any = sys.modules["paddleclas.deploy.utils.predictor"]
        predictors.Config = partial(_config_of_two_files, predictors.Config, task.model)
        attributes = sys.modules["paddleclas.deploy.utils.config"].AttrDict
        self._config = attributes(
            {"Global": attributes(_global_keys(task)), "PreProcess": _preprocess(task), "PostProcess": _topk(task)}
        )
        predictor = self._module.ClsPredictor(self._config)
        self._module.ClsPredictor = lambda config: predictor
        self._heard: list[NDArray[np.float32]] | None = None
        postprocess = predictor.postprocess

        def listening(batch: NDArray[np.float32]) -> Any:
            if self._heard is not None:
                self._heard.append(batch.copy())
            return postprocess(batch)

        predictor.postprocess = listening

    def go_over_photos(self) -> None:
        with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere):
            self._module.main(self._config)

    def scores(self) -> NDArray[np.float32]:
        self._heard = []
        self.go_over_photos()
        scores, self._heard = np.concatenate(self._heard), None
        return scores


def _config_of_two_files(config_type: Any, model: Path, _folder: str, _prefix: str) -> Any:
    config = config_type(str(model / MODEL_FILES["pir"]), str(model / PARAMS_FILE))
    config.enable_new_ir(True)  # or what predict_cls.py asks for next, memory optimisation, fails on inference.json
    config.enable_new_executor(True)
    return config


def _global_keys(task: Task) -> dict[str, Any]:
    return {
        "infer_imgs": str(task.folder),
        "inference_model_dir": str(task.model),
        "batch_size": BATCH_SIZE,
        "use_gpu": False,
        "enable_mkldnn": True,
        "cpu_num_threads": task.threads,
        "use_fp16": False,
        "ir_optim": True,
        "use_tensorrt": False,
        "enable_profile": False,
    }


def _preprocess(task: Task) -> dict[str, Any]:
    described: dict[str, Any] = yaml.safe_load((task.model / "inference.yml").read_text(encoding="utf-8"))
    return described["PreProcess"]


def _topk(task: Task) -> dict[str, Any]:
    return {"main_indicator": "Topk", "Topk": {"topk": 5, "class_id_map_file": str(task.model / "labels.txt")}}


if __name__ == "__main__":
    serve(PaddleClasMain)
