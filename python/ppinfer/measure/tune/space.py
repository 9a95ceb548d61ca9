"""What can be tuned: the candidates, which of them are tried first, and which lie beside one another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from ppinfer.config_fields import FIELDS

Objective: TypeAlias = "Literal['throughput', 'latency']"

OBJECTIVES = ("throughput", "latency")
TUNED_KEYS = tuple(key for key, field in FIELDS.items() if field.tuned)
PRECISIONS = tuple(FIELDS["precision"].choices)  # simplest first; the core says which a model and a CPU allow
DECODE_MODES = tuple(FIELDS["decode"].choices)
LARGEST_BATCH = 64
USUAL_BATCH = 8  # tried beside 1: where batches help at all, this many show it


@dataclass(frozen=True)
class Candidate:
    """A value for each key that is tuned.

    >>> Candidate("openvino", "bf16", lanes=2, threads_per_lane=1).keys()["threads_per_lane"]
    '1'
    """

    engine: str
    precision: str
    lanes: int
    threads_per_lane: int
    batch_size: int = 1
    decode: str = "exact"

    @classmethod
    def from_keys(cls, keys: Mapping[str, str]) -> Candidate:
        """Take it from a config's effective values."""
        return cls(
            engine=keys["engine"],
            precision=keys["precision"],
            lanes=int(keys["lanes"]),
            threads_per_lane=int(keys["threads_per_lane"]),
            batch_size=int(keys["batch_size"]),
            decode=keys["decode"],
        )

    def keys(self) -> dict[str, str]:
        """Give it as config.txt has it."""
        return {key: str(getattr(self, key)) for key in TUNED_KEYS}

    @property
    def result_keys(self) -> tuple[str, str, str]:
        """The keys that change results; lanes, threads and batches change a sum's last bits at most."""
        return self.engine, self.precision, self.decode

    def __str__(self) -> str:
        """Say it in a line.

        >>> str(Candidate("openvino", "fp32", 2, 1))
        'openvino fp32, 2 lanes x 1 thread, batch 1, decode exact'
        """
        lanes = f"{self.lanes} lane{'s' * (self.lanes != 1)}"
        threads = f"{self.threads_per_lane} thread{'s' * (self.threads_per_lane != 1)}"
        return f"{self.engine} {self.precision}, {lanes} x {threads}, batch {self.batch_size}, decode {self.decode}"


@dataclass(frozen=True)
class Space:
    """All candidates for a machine.

    Lanes times threads never exceed the allowed CPUs: further threads would only wait, as a config's own notice says.
    `fixed` has the keys that the user set to one value.
    """

    engines: tuple[str, ...]  # the one that `engine auto` takes first
    cpus: int
    objective: Objective = "throughput"
    fixed: Mapping[str, str] = field(default_factory=dict)

    def pairs(self) -> list[tuple[str, str]]:
        """Engine and precision, simplest first."""
        engines = [self.fixed["engine"]] if "engine" in self.fixed else self.engines
        precisions = [self.fixed["precision"]] if "precision" in self.fixed else PRECISIONS
        return [(engine, precision) for precision in precisions for engine in engines]

    def layouts(self) -> list[tuple[int, int]]:
        """Lanes and threads of each that keep the allowed CPUs busy, the objective's usual one first.

        >>> Space(("openvino",), cpus=8).layouts()
        [(8, 1), (4, 2), (2, 4), (1, 8), (4, 1)]
        >>> Space(("openvino",), cpus=8, objective="latency").layouts()
        [(1, 8), (2, 4), (4, 2), (8, 1), (4, 1)]
        """
        threads = [1]
        while threads[-1] * 2 <= self.cpus:
            threads.append(threads[-1] * 2)
        if threads[-1] != self.cpus:
            threads.append(self.cpus)
        layouts = [(self.cpus // count, count) for count in threads]
        if self.objective == "latency":
            layouts.reverse()
        if self.cpus >= 4:  # where two of them share a core, half as many lanes can be the faster ones
            layouts.append((self.cpus // 2, 1))
        allowed = [self._with_fixed(Candidate("", "", *layout)) for layout in layouts]
        return list(dict.fromkeys((one.lanes, one.threads_per_lane) for one in allowed))

    def start(self, engine: str, precision: str, batch_size: int) -> Candidate:
        """Make the candidate that decides on an engine and a precision."""
        lanes, threads = self.layouts()[0]
        return self._with_fixed(Candidate(engine, precision, lanes, threads, batch_size))

    def grid(self, engine: str, precision: str, batch_size: int) -> list[Candidate]:
        """Give every layout with few sizes of a batch: how an engine does at its best shows here.

        What else than the given size of a batch is tried doesn't matter to a single image.
        """
        sizes = [batch_size, 1, USUAL_BATCH] if self.objective == "throughput" else [batch_size, 1]
        found = [
            self._with_fixed(Candidate(engine, precision, lanes, threads, size))
            for lanes, threads in self.layouts()
            for size in dict.fromkeys(sizes)
        ]
        return list(dict.fromkeys(found))

    def neighbours(self, candidate: Candidate) -> list[Candidate]:
        """Give what differs in one key, or in lanes and threads together, the most promising first."""
        batch_size, lanes = candidate.batch_size, candidate.lanes
        found = [replace(candidate, decode=other) for other in DECODE_MODES if other != candidate.decode]
        if self.objective == "throughput":
            sizes = [size for size in (batch_size * 2, batch_size // 2) if 1 <= size <= LARGEST_BATCH]
            found += [replace(candidate, batch_size=size) for size in sizes]
        found += [replace(candidate, lanes=lanes, threads_per_lane=threads) for lanes, threads in self.layouts()]
        if self.objective == "throughput" and lanes > 2:
            found.append(replace(candidate, lanes=lanes - 1))
        simpler = PRECISIONS[: _rank(candidate.precision, PRECISIONS)]
        found += [replace(candidate, precision=precision) for precision in simpler]
        allowed = dict.fromkeys(self._with_fixed(one) for one in found)
        return [one for one in allowed if one != candidate]

    def _with_fixed(self, candidate: Candidate) -> Candidate:
        """Put the user's values in; a fixed number of threads says how many lanes there is room for, and vice versa."""
        fixed = Candidate.from_keys({**candidate.keys(), **self.fixed})
        if "lanes" not in self.fixed:
            fixed = replace(fixed, lanes=min(fixed.lanes, max(1, self.cpus // fixed.threads_per_lane)))
        elif "threads_per_lane" not in self.fixed:
            fixed = replace(fixed, threads_per_lane=min(fixed.threads_per_lane, max(1, self.cpus // fixed.lanes)))
        return fixed


def complexity(candidate: Candidate, space: Space) -> tuple[int, ...]:
    """Order candidates of equal speed: the simplest is the least.

    fp32 stands before bf16, decode exact before fast; then counts how many keys aren't at their default, and how far.

    >>> space = Space(("openvino", "paddle"), cpus=2)
    >>> plain, batched = Candidate("openvino", "fp32", 2, 1), Candidate("openvino", "fp32", 2, 1, batch_size=8)
    >>> complexity(plain, space) < complexity(batched, space) < complexity(Candidate("openvino", "bf16", 2, 1), space)
    True
    """
    default_lanes = max(1, space.cpus // candidate.threads_per_lane)
    unusual = (
        candidate.engine != space.engines[0],
        candidate.lanes != default_lanes,
        candidate.threads_per_lane != 1,
        candidate.batch_size != 1,
    )
    return (
        _rank(candidate.precision, PRECISIONS),
        _rank(candidate.decode, DECODE_MODES),
        sum(unusual),
        candidate.batch_size,
        candidate.threads_per_lane,
        abs(candidate.lanes - default_lanes),
        _rank(candidate.engine, space.engines),
    )


def _rank(value: str, known: tuple[str, ...]) -> int:
    return known.index(value) if value in known else len(known)
