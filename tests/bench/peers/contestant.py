"""A contestant's side of the contest: a process that loads, warms up, and then does as it is told.

Told by lines of JSON on standard input, it answers each with one on standard output:

    {"do": "answers", "file": PATH}   saves scores, float32 [images, classes], photos by name  -> {"images": ...}
    {"do": "round", "seconds": S}     goes over the photos again and again for S seconds at least
                                      -> {"images": ..., "seconds": ..., "cpu_seconds": ..., "infer_seconds": ...}

The first line is {"ready": ...} once it is warm. What it can't do is {"error": ...}, and the process ends.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Task:
    """What a contestant is started with."""

    folder: Path
    """Of photos, which all can be decoded."""
    model: Path
    """A folder of the zoo, or what `ppinfer quantize` made of one."""
    precision: str
    threads: int
    """How many CPUs there are for it."""

    def photos(self) -> list[str]:
        """Their paths, by name."""
        return [str(path) for path in sorted(self.folder.iterdir())]


class Contestant(Protocol):
    """A loaded model and its main loop."""

    def go_over_photos(self) -> float | None:
        """Take all photos from their files to their best classes.

        Returns:
            Seconds in the model itself, summed over the threads, where that is known.
        """

    def scores(self) -> NDArray[np.float32]:
        """The same, keeping all that the model gives: [images, classes], photos by name."""


def serve(load: Callable[[Task], Contestant]) -> None:
    """Run a contestant: `python -m peers.contestants.NAME TASK_AS_JSON`."""
    # Libraries print where they like: standard output becomes standard error, but for the answers here.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    try:
        given = json.loads(sys.argv[1])
        task = Task(Path(given["folder"]), Path(given["model"]), given["precision"], given["threads"])
        images = len(task.photos())
        contestant = load(task)
        contestant.go_over_photos()
        answers.write(json.dumps({"ready": True}) + "\n")
        for line in sys.stdin:
            answers.write(json.dumps(_obey(contestant, json.loads(line), images)) + "\n")
    except Exception as error:
        traceback.print_exc()
        answers.write(json.dumps({"error": f"{type(error).__name__}: {error}"}) + "\n")
        sys.exit(1)


def _obey(contestant: Contestant, order: dict[str, Any], images: int) -> dict[str, Any]:
    if order["do"] == "answers":
        scores = contestant.scores()
        np.save(order["file"], scores)
        return {"images": len(scores)}
    passes, infer_s, start, cpu_start = 0, 0.0, time.perf_counter(), time.process_time()
    while passes == 0 or time.perf_counter() - start < order["seconds"]:
        infer_s += contestant.go_over_photos() or 0.0
        passes += 1
    return {
        "images": passes * images,
        "seconds": time.perf_counter() - start,
        "cpu_seconds": time.process_time() - cpu_start,
        "infer_seconds": infer_s,
    }
