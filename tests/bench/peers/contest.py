"""The contest's side of it: starts contestants, checks their answers against the reference's, and lets them take turns.

A contestant that fails, or answers otherwise than the reference, drops out with the reason; the others go on.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peers.agreement import Agreement, judge
from peers.environment import last_lines, process_environment
from peers.machine import PAUSE_S, busy_cpu_seconds, wait_until_quiet

TIMEOUT_S = 600.0
TRIES = 5  # of a round, until the machine is quiet


class ContestantError(Exception):
    """It ended, or said that it can't; and why."""


@dataclass(frozen=True)
class Entry:
    """One contestant: a name, the module that runs it, and in which precision."""

    name: str
    module: str
    precision: str


@dataclass
class Outcome:
    """What is known of a contestant after the contest."""

    entry: Entry
    rounds: list[dict[str, float]] = field(default_factory=list)
    """Each: its images, its seconds, its CPU seconds, and the share of the CPUs that other processes took meanwhile."""
    agreement: Agreement | None = None
    best_classes: list[int] = field(default_factory=list)
    """One a photo."""
    problem: str = ""
    """Why it has no times; empty if it has."""

    @property
    def images_per_s(self) -> list[float]:
        return [done["images"] / done["seconds"] for done in self.rounds]


class Running:
    """A contestant's process. Its standard error goes to a file, to be shown if it fails."""

    def __init__(self, command: Sequence[str | Path], timeout_s: float = TIMEOUT_S) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  closed by stop()
        self._timeout_s = timeout_s
        self._process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=process_environment(),
        )

    def answer(self) -> dict[str, Any]:
        """Wait for its next line. ContestantError when there is none, or it is an error."""
        stdout = self._process.stdout
        assert stdout is not None
        if not select.select([stdout], [], [], self._timeout_s)[0]:
            raise ContestantError(f"it was silent for {self._timeout_s:g} s")
        line = stdout.readline()
        if not line:
            code = self._process.wait()
            raise ContestantError(f"it ended with exit code {code}; its last words:\n{self._last_words()}")
        try:
            said: dict[str, Any] = json.loads(line)
        except ValueError:
            raise ContestantError(f"it said {line!r}, expected JSON") from None
        if "error" in said:
            raise ContestantError(said["error"])
        return said

    def ask(self, **order: object) -> dict[str, Any]:
        """Tell it what to do and wait until it is done."""
        stdin = self._process.stdin
        assert stdin is not None
        try:
            stdin.write(json.dumps(order).encode() + b"\n")
            stdin.flush()
        except BrokenPipeError:
            pass  # answer() has the reason
        return self.answer()

    def stop(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()
        self._errors.close()

    def _last_words(self) -> str:
        self._errors.seek(0)
        return last_lines(self._errors.read().decode(errors="replace"))


def hold(
    entries: Sequence[Entry],
    start: Callable[[Entry], Running],
    reference: NDArray[np.float32],
    rounds: int,
    seconds: float,
    most_others: float = 1.0,
    say: Callable[[str], object] = lambda line: None,
) -> list[Outcome]:
    """Let all entries that agree with the reference take turns.

    Args:
        entries: In the order of their turns.
        start: Starts an entry's process.
        reference: The scores that are right, [images, classes].
        rounds: Turns of each.
        seconds: A turn's length; the pass over the photos that is under way then is finished.
        most_others: A round in which other processes take more than this share of the machine's CPUs is taken again, a
            few times; 1: never.
        say: Told how far it is.

    Returns:
        An outcome an entry.
    """
    outcomes = [Outcome(entry) for entry in entries]
    running: dict[str, Running] = {}
    try:
        for outcome in outcomes:
            say(f"{outcome.entry.name}: loading, answers")
            with _noting_failure(outcome):
                process = running[outcome.entry.name] = start(outcome.entry)
                process.answer()
                scores = scores_of(process)
                outcome.best_classes = scores.argmax(axis=1).tolist()
                outcome.agreement = judge(scores, reference, outcome.entry.precision)
                if outcome.agreement.problem:
                    raise ContestantError(outcome.agreement.problem)
        for number in range(rounds):
            for outcome in outcomes:
                if outcome.problem:
                    continue
                say(f"{outcome.entry.name}: round {number + 1} of {rounds}")
                with _noting_failure(outcome):
                    outcome.rounds.append(_timed_round(running[outcome.entry.name], seconds, most_others))
    finally:
        for process in running.values():
            process.stop()
    return outcomes


def scores_of(process: Running) -> NDArray[np.float32]:
    """Ask for a contestant's scores, [images, classes]."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scores.npy"
        process.ask(do="answers", file=str(path))
        scores: NDArray[np.float32] = np.load(path)
    return scores


@contextmanager
def _noting_failure(outcome: Outcome) -> Iterator[None]:
    try:
        yield
    except ContestantError as error:
        outcome.problem = str(error)
        outcome.rounds.clear()  # half a contest is none


def _timed_round(process: Running, seconds: float, most_others: float) -> dict[str, float]:
    """One round, again while other processes take more than `most_others` of the CPUs; the last one counts anyhow."""
    for _ in range(TRIES):
        time.sleep(PAUSE_S)  # a library's threads go on spinning for a while, 0.2 s of them Intel's OpenMP
        wait_until_quiet(most_others)
        busy_before, start = busy_cpu_seconds(), time.perf_counter()
        done = process.ask(do="round", seconds=seconds)
        elapsed_s, busy = time.perf_counter() - start, busy_cpu_seconds() - busy_before
        others = (busy - done["cpu_seconds"]) / (elapsed_s * (os.cpu_count() or 1))
        done["share_of_others"] = min(1.0, max(0.0, others))  # what is busy is counted in ticks of 10 ms
        if done["share_of_others"] <= most_others:
            break
    return done
