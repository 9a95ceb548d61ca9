"""`ppinfer tune` finds settings that are about as fast as the best of a grid that somebody would try by hand."""

import itertools
from pathlib import Path

import pytest

from conftest import LabelledPhotos
from ppinfer import _core
from ppinfer.tune.space import Candidate
from ppinfer.tune.tuning import Goal, tune
from tune_grid import Measured

FIXED = {"engine": "openvino", "decode": "exact"}  # so that little time suffices for what is left
PRECISIONS = ("fp32", "bf16")
ROUNDS = 5
NEARLY_AS_FAST = 0.8  # what others have a machine do within these rounds moves a ratio by less than the rest
SECONDS = (8, 20, 60)  # of a try: on a very busy machine a short time is too short for all; tune tells so


def grid(cpus: int) -> list[Candidate]:
    layouts = dict.fromkeys([(cpus, 1), (1, cpus)])
    every = itertools.product(PRECISIONS, layouts, (1, 8))
    return [Candidate(FIXED["engine"], bits, *layout, size, FIXED["decode"]) for bits, layout, size in every]


def test_tune_is_about_as_good_as_a_grid_by_hand(lite0: Path, foolbox_photos: LabelledPhotos) -> None:
    given = [("model_dir", str(lite0), "-m"), *((key, value, "-o") for key, value in FIXED.items())]
    ratio = 0.0
    for seconds in SECONDS:
        found = tune(None, given, str(foolbox_photos.folder), Goal(seconds=seconds))
        assert found.chosen is not None
        if {(FIXED["engine"], precision) for precision in PRECISIONS} & set(found.search.untried):
            continue
        ratio = chosen_to_best_of_grid(Measured(found, str(lite0)))
        print(f"{seconds} s: {found.chosen.candidate}: {ratio:.2f} times as fast as the best of the grid")
        if ratio >= NEARLY_AS_FAST:
            break
    if ratio == 0:
        pytest.skip(f"others use this machine: {SECONDS[-1]} s were too short to try {' and '.join(PRECISIONS)}")
    assert ratio >= NEARLY_AS_FAST


def chosen_to_best_of_grid(measured: Measured) -> float:
    """Measure a grid once, then the best of it in turns with what was chosen; gives the median of these ratios."""
    meters = {candidate: measured.meter(candidate) for candidate in grid(_core.allowed_cpu_count())}
    by_hand = {candidate: meter for candidate, meter in meters.items() if meter is not None}
    rates = {candidate: meter.measure_rate() for candidate, meter in by_hand.items()}
    best = max(rates, key=lambda candidate: rates[candidate])
    for _ in range(ROUNDS):
        measured.measure(best, by_hand[best])
    return 1 / measured.summary(best)[0]
