"""A world in which candidates have the speeds that a test gives them, time is a number, and anything can fail."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from ppinfer import Error
from ppinfer.agreement import Agreement
from ppinfer.measure.tune.search import Search
from ppinfer.measure.tune.space import Candidate, Space
from ppinfer.measure.tune.trial import Slice

IMAGES = 200


def usual_rate(candidate: Candidate) -> float:
    """Images/s: like a small model on 2 CPUs: batches help a little, and one engine a little more than the other."""
    rate = {"openvino": 150.0, "paddle": 100.0}[candidate.engine] * {"fp32": 1, "bf16": 1.6, "int8": 2}[
        candidate.precision
    ]
    rate *= candidate.lanes * candidate.threads_per_lane**0.8
    best_batch = {"openvino": 4, "paddle": 16}[candidate.engine]
    rate *= 1.3 - 0.06 * abs(math.log2(candidate.batch_size / best_batch))
    return rate * (1.2 if candidate.decode == "fast" else 1)


def all_agree(candidate: Candidate) -> int:
    return IMAGES


@dataclass
class World:
    """Trials whose clock is `now`."""

    rate: Callable[[Candidate], float] = usual_rate
    agreeing: Callable[[Candidate], int] = all_agree
    problem: Callable[[Candidate, str], str] = lambda candidate, at: ""  # at: "open", "probe", "measure", "agreement"
    load_s: float = 0.3
    noise: float = 0.0  # standard deviation of a measurement, as a share
    drift: Callable[[float], float] = lambda now: 1.0  # of the whole machine's speed, by the time
    seed: int = 1
    interrupt_at: int = 0  # the call at which Ctrl-C comes; 0: never
    images: int = IMAGES
    slice_s: float = 0.3
    now: float = 0.0
    calls: int = 0
    still_open: int = 0
    at_most_open: int = 0
    guarded: list[Candidate] = field(default_factory=list)
    measured: list[Candidate] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    def call(self, candidate: Candidate, at: str, seconds: float) -> None:
        self.calls += 1
        self.now += seconds / 2
        if self.calls == self.interrupt_at:
            raise KeyboardInterrupt
        self.now += seconds / 2
        if problem := self.problem(candidate, at):
            raise Error(problem)

    def open(self, candidate: Candidate) -> "FakeTrial":
        self.call(candidate, "open", self.load_s)
        self.still_open += 1
        self.at_most_open = max(self.at_most_open, self.still_open)
        return FakeTrial(self, candidate)

    def speed_now(self, candidate: Candidate) -> Slice:
        rate = self.rate(candidate) * self.drift(self.now) * math.exp(self.random.gauss(0, self.noise))
        return Slice(rate, 1e3 * candidate.lanes / rate)


@dataclass
class FakeTrial:
    world: World
    candidate: Candidate

    def probe(self) -> Slice:
        self.world.call(self.candidate, "probe", 0.05)
        return self.world.speed_now(self.candidate)

    def expected_s(self) -> float:
        return self.world.slice_s

    def agreement(self) -> Agreement:
        self.world.call(self.candidate, "agreement", IMAGES / self.world.rate(self.candidate))
        self.world.guarded.append(self.candidate)
        return Agreement(self.world.agreeing(self.candidate), IMAGES)

    def measure(self) -> Slice:
        self.world.call(self.candidate, "measure", self.world.slice_s)
        self.world.measured.append(self.candidate)
        return self.world.speed_now(self.candidate)

    def close(self) -> None:
        self.world.still_open -= 1


ORIGINAL = Candidate("openvino", "fp32", lanes=2, threads_per_lane=1)


def no_int8(candidate: Candidate, at: str) -> str:
    return "the model isn't quantised" if candidate.precision == "int8" else ""


def search_in(
    world: World, *, seconds: float = 60, space: Space | None = None, original: Candidate = ORIGINAL
) -> Search:
    """A search that hasn't begun."""
    return Search(
        world,
        space or Space(("openvino", "paddle"), cpus=2),
        original,
        deadline_s=seconds,
        min_agreement=0.995,
        clock=lambda: world.now,
    )


def searched(world: World, **options: object) -> Search:
    """A search that is over, after which nothing is left open."""
    search = search_in(world, **options)
    try:
        search.run()
    finally:
        assert world.still_open == 0
    return search
