"""ppinfer with its defaults; only engine and precision are said. Its records, JSON Lines, go to nowhere."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import ppinfer
from peers.contestant import Task
from ppinfer.model.export import MODEL_FILES


class Own:
    """See Contestant."""

    def __init__(self, task: Task, engine: str, model_file: str) -> None:
        self._folder = task.folder
        self._paths = task.photos()
        self._predictor = ppinfer.Predictor(
            model_dir=task.model, cls_model_path=task.model / model_file, engine=engine, precision=task.precision
        )

    def go_over_photos(self) -> float:
        return (self._predictor.write_records(self._folder, os.devnull).stage_s or {})["infer"]

    def scores(self) -> NDArray[np.float32]:
        """As `logits` gives them; the records, which are what is timed, must say the same."""
        scores = self._predictor.logits(self._paths)
        with tempfile.TemporaryDirectory() as folder:
            output = Path(folder) / "records.jsonl"
            self._predictor.write_records(self._folder, output)
            records = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
        for path, row, record in zip(self._paths, scores, records, strict=True):
            if record["path"] != path or not np.allclose(row[record["class_ids"]], record["scores"], atol=1e-5):
                raise ValueError(f"its record of {path} differs from its scores: {record}")
        return scores


def on_openvino(task: Task) -> Own:
    """Runs model.onnx; in int8 what `ppinfer quantize` made."""
    return Own(task, "openvino", "inference.xml" if task.precision == "int8" else "model.onnx")


def on_paddle(task: Task) -> Own:
    """Runs inference.json."""
    return Own(task, "paddle", MODEL_FILES["pir"])
