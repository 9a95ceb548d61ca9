"""Who is asked what is right, and isn't timed: PaddleClas' operators and Paddle's own kernels, fp32, photo by photo."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

import ppinfer
from peers.contestant import Task, serve
from ppinfer.measure.compare.paddleclas import PaddleClasSide
from ppinfer.measure.compare.stages import LOGITS
from ppinfer.model.export import MODEL_FILES


class Reference:
    """See Contestant."""

    def __init__(self, task: Task) -> None:
        self._paths = task.photos()
        keys = {"model_dir": task.model, "cls_model_path": task.model / MODEL_FILES["pir"], "engine": "paddle"}
        with ppinfer.Predictor(**keys) as predictor:
            self._side = PaddleClasSide({key: value.value for key, value in predictor.config.items()})

    def go_over_photos(self) -> None:
        self._side.at(LOGITS, self._paths[0])  # it is slow, and isn't timed: this is for a first error to show

    def scores(self) -> NDArray[np.float32]:
        return np.stack([self._side.at(LOGITS, path) for path in self._paths])


if __name__ == "__main__":
    serve(Reference)
