"""OpenVINO from Python, tuned by hand: an asynchronous queue, a stream a CPU, a thread a CPU that prepares photos."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from peers.contestant import Task, serve
from peers.contestants.preparation import Preparation, ahead, best_five

PRECISIONS = {"fp32": "f32", "bf16": "bf16"}


class OpenVinoPipeline:
    """See Contestant."""

    def __init__(self, task: Task) -> None:
        self._paths = task.photos()
        self._prepare = Preparation(task.model)
        self._pool = ThreadPoolExecutor(task.threads)
        self._threads = task.threads
        core = ov.Core()
        if task.precision == "bf16" and "BF16" not in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
            raise RuntimeError("this CPU has no bf16, and OpenVINO would take fp32 in silence")
        model = core.read_model(task.model / "model.onnx")
        model.reshape([1, 3, self._prepare.side_px, self._prepare.side_px])
        compiled = core.compile_model(
            model,
            "CPU",
            {
                "PERFORMANCE_HINT": "THROUGHPUT",
                "NUM_STREAMS": task.threads,
                "INFERENCE_NUM_THREADS": task.threads,
                "INFERENCE_PRECISION_HINT": PRECISIONS[task.precision],
            },
        )
        self._queue = ov.AsyncInferQueue(compiled, 2 * task.threads)  # one that runs and one that waits, each
        self._queue.set_callback(self._done)
        self._best: list[Any] = [None] * len(self._paths)
        self._all: NDArray[np.float32] | None = None

    def _done(self, request: Any, index: int) -> None:
        scores = request.get_output_tensor().data[0]
        self._best[index] = best_five(scores)
        if self._all is not None:
            self._all[index] = scores

    def go_over_photos(self) -> None:
        tensors = ahead(self._pool, self._prepare, self._paths, 4 * self._threads)
        for index, tensor in enumerate(tensors):
            self._queue.start_async({0: tensor}, index)
        self._queue.wait_all()

    def scores(self) -> NDArray[np.float32]:
        self._all = np.full((len(self._paths), self._classes()), np.nan, np.float32)
        self.go_over_photos()
        scores, self._all = self._all, None
        return scores

    def _classes(self) -> int:
        return self._queue[0].get_output_tensor().shape[1]


if __name__ == "__main__":
    serve(OpenVinoPipeline)
