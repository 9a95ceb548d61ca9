"""Hands nets to worker processes, in chunks, and goes on after one that crashed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from op_pairs.world import Way

CHUNK = 150  # so that a worker's start, some seconds, doesn't count


def take(folder: Path, way: Way, nets: Sequence[str], workers: int, say: Callable[[str], None]) -> dict[str, str]:
    """Take all nets this way. Gives why it failed for those for which it did."""
    chunks = [list(nets[start : start + CHUNK]) for start in range(0, len(nets), CHUNK)]
    failed: dict[str, str] = {}
    done = 0
    with ThreadPoolExecutor(workers) as threads:
        results = threads.map(lambda chunk: _take_chunk(folder, way, chunk), chunks)
        for chunk, failed_there in zip(chunks, results, strict=True):
            failed |= failed_there
            done += len(chunk)
            say(f"{way.form}, {way.engine} {way.precision}: {done} of {len(nets)} nets")
    return failed


def _take_chunk(folder: Path, way: Way, nets: list[str]) -> dict[str, str]:
    failed: dict[str, str] = {}
    while nets:
        begun = ""
        command = [sys.executable, "-m", "op_pairs.worker", str(folder), json.dumps(way), *nets]
        worker = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=_environment(way)
        )
        for fact in _facts(worker):
            begun = fact.get("begun", "")
            if not begun:
                nets = nets[1:]
            if "refused" in fact:
                failed[fact["net"]] = fact["refused"]
        _, errors = worker.communicate()
        if worker.returncode == 0:
            break
        if not begun:
            raise RuntimeError(f"the worker for {way} failed: {errors[-1000:]}")
        failed[begun] = f"crash ({_cause(worker.returncode)})"
        nets = nets[1:]
    return failed


def _facts(worker: subprocess.Popen[str]) -> Iterator[dict[str, str]]:
    assert worker.stdout is not None
    yield from map(json.loads, worker.stdout)


def _cause(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def _environment(way: Way) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).resolve().parents[1]),
        "GLOG_minloglevel": "3",
        "FLAGS_enable_pir_api": "1" if way.form == "pir" else "0",
    }
