"""What `ppinfer tune` searches, and how it chooses."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from conftest import png
from ppinfer import Error
from ppinfer.measure.tune.outcome import Outcome, Pair, best_of, pareto_front
from ppinfer.measure.tune.plot import check_plot, write_plot
from ppinfer.measure.tune.report import notes, sentence
from ppinfer.measure.tune.sample import Sample, take_reference
from ppinfer.measure.tune.space import Candidate, Space
from ppinfer.measure.tune.trial import Slice
from ppinfer.measure.tune.tuning import Goal, Tuning
from ppinfer.result import ImageError, Result
from tuning_world import ORIGINAL, World, no_int8, search_in, searched

TWO_CPUS = Space(("openvino", "paddle"), cpus=2)


# ---- space -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cpus", [1, 2, 3, 4, 6, 7, 64])
@pytest.mark.parametrize("objective", ["throughput", "latency"])
def test_no_candidate_asks_for_more_threads_than_there_are_cpus(cpus, objective):
    space = Space(("openvino",), cpus=cpus, objective=objective)
    grid = space.grid("openvino", "fp32", 1)
    for candidate in [*grid, *(other for one in grid for other in space.neighbours(one))]:
        assert 1 <= candidate.lanes * candidate.threads_per_lane <= cpus
    assert (cpus, 1) in space.layouts()
    assert (1, cpus) in space.layouts()
    assert len(set(grid)) == len(grid)
    usual = (1, cpus) if objective == "latency" else (cpus, 1)
    start = space.start("openvino", "fp32", 1)
    assert (start.lanes, start.threads_per_lane) == usual


def test_keys_that_are_fixed_stay():
    space = Space(
        ("openvino", "paddle"), cpus=4, fixed={"engine": "paddle", "threads_per_lane": "2", "decode": "exact"}
    )
    assert space.pairs() == [("paddle", "fp32"), ("paddle", "bf16"), ("paddle", "int8")]
    grid = space.grid("paddle", "fp32", 1)
    for candidate in [*grid, *space.neighbours(grid[0])]:
        assert candidate.threads_per_lane == 2
        assert candidate.lanes <= 2
        assert candidate.decode == "exact"
    search = searched(World(), space=replace(space, cpus=2), original=Candidate("paddle", "fp32", 1, 2))
    assert {one.engine for one in search.outcomes} == {"paddle"}


# ---- the reference ---------------------------------------------------------------------------------------------------


def test_the_reference_stops_in_time_but_not_before_it_has_enough():
    def classify(paths):
        return [
            Result(path, error=ImageError("decode", "no")) if path == "b3" else Result(path, (1,)) for path in paths
        ]

    paths = [f"b{number}" for number in range(45)]
    in_no_time = take_reference(classify, paths, lambda: True)
    assert len(in_no_time.images) == 19  # 9 of the first 10 were too few
    assert [bad.path for bad in in_no_time.bad] == ["b3"]
    in_time = take_reference(classify, paths, lambda: False)
    assert in_time.images == [path for path in paths if path != "b3"]
    assert [result.path for result in in_time.results] == in_time.images


# ---- choosing --------------------------------------------------------------------------------------------------------


def outcome(candidate, rates):
    own = [Slice(rate, 1e3 / rate) for rate in rates]
    return Outcome(candidate, rounds=[Pair(one, Slice(100, 10)) for one in own])


def test_noise_is_measured_round_by_round():
    plain = outcome(ORIGINAL, [100, 50, 98, 51, 99, 52])
    faster = outcome(replace(ORIGINAL, batch_size=8), [110, 55, 108, 56, 109, 57])
    assert best_of([plain, faster], TWO_CPUS)[0] is faster  # 10 % in every round, whatever the machine was at
    noisy = outcome(replace(ORIGINAL, batch_size=8), [101, 49, 100, 50, 99, 53])
    assert best_of([plain, noisy], TWO_CPUS)[0] is plain


def test_noise_excuses_only_so_much():
    plain = outcome(ORIGINAL, [100, 100, 100, 100])
    wild = outcome(replace(ORIGINAL, precision="bf16"), [300, 90, 80, 200])
    assert best_of([plain, wild], TWO_CPUS)[0] is wild  # faster by a third and more


def test_ties_are_with_the_fastest_not_with_the_simplest():
    steps = [
        outcome(replace(ORIGINAL, batch_size=size), [rate] * 5) for size, rate in ((1, 98.0), (2, 99.0), (4, 100.5))
    ]
    assert best_of(steps, TWO_CPUS) == steps[1:]  # 2 % behind is noise, more isn't
    assert best_of([], TWO_CPUS) == []


def test_pareto_front():
    def at(rate, latency_ms):
        return Outcome(ORIGINAL, pairs=[Pair(Slice(rate, latency_ms), Slice(100, 10))])

    front = [at(50, 2), at(80, 4), at(120, 9)]
    behind = [at(50, 3), at(70, 4), at(120, 10), at(119, 9)]
    assert pareto_front([*behind, *front]) == front
    assert pareto_front([Outcome(ORIGINAL)]) == []


# ---- what is said of it ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(10))
def test_verdicts_say_what_the_figures_say(seed):
    def agreeing(candidate):
        return 150 if candidate.precision == "bf16" else 200

    search = searched(World(problem=no_int8, agreeing=agreeing, noise=0.05, seed=seed))
    tuning = Tuning(Goal(), TWO_CPUS, Sample(images=["cat.jpg"] * 200), 200, search)
    verdicts = {outcome: tuning.verdict(outcome) for outcome in tuning.outcomes}
    assert [outcome for outcome, verdict in verdicts.items() if verdict == "chosen"] == [tuning.chosen]
    for outcome, verdict in verdicts.items():
        assert (verdict == "not available") == (outcome.candidate.precision == "int8")
        assert (verdict == "refused") == (outcome.candidate.precision == "bf16")
        if verdict == "slower":
            assert tuning.speed(outcome) < tuning.speed(tuning.chosen)
    assert any("is refused, with 150 of 200 (75 %)" in note for note in notes(tuning))
    assert str(tuning.chosen.candidate) in sentence(tuning)
    figures = [tuning.figures(outcome) for outcome in (tuning.chosen, tuning.original)]
    ratio = figures[0].images_per_s / figures[1].images_per_s
    assert ratio == pytest.approx(tuning.speed(tuning.chosen))


def tuning_of(search, **options):
    return Tuning(Goal(), TWO_CPUS, Sample(images=["cat.jpg"] * 200), 200, search, **options)


def test_what_fp32_means_for_a_quantised_model_is_said():
    own = replace(ORIGINAL, precision="int8")
    search = searched(World(), original=own)
    assert any("--reference CONFIG" in note for note in notes(tuning_of(search)))
    tuning = replace(tuning_of(search), goal=Goal(reference="fp32/config.txt"))
    assert not any("quantised" in note for note in notes(tuning))
    assert not any("quantised" in note for note in notes(tuning_of(searched(World(problem=no_int8)))))


def test_a_picture_of_few_or_none(tmp_path):
    """As Ctrl-C leaves it, or where all results are refused."""
    pytest.importorskip("matplotlib")
    path = str(tmp_path / "x.svg")
    refused = searched(World(problem=no_int8, agreeing=lambda candidate: 100))
    assert refused.chosen is None
    write_plot(tuning_of(refused), path)
    assert "refused or not checked" in Path(path).read_text()
    search = search_in(World(problem=no_int8, interrupt_at=5))
    with pytest.raises(KeyboardInterrupt):
        search.run()
    write_plot(tuning_of(search, interrupted=True), path)
    with pytest.raises(Error, match="no measurement to draw"):
        write_plot(tuning_of(search_in(World())), path)


@pytest.mark.parametrize("name", ["plot.png", "plot.svg"])
def test_a_plot_replaces_a_plot_and_no_other_image(tmp_path, name):
    pytest.importorskip("matplotlib")
    path = tmp_path / name
    check_plot(str(path))
    write_plot(tuning_of(searched(World(problem=no_int8))), str(path))
    check_plot(str(path))
    photo = tmp_path / f"photo{path.suffix}"
    photo.write_bytes(png(1))
    path.unlink()
    path.symlink_to(photo)
    for image in (photo, path):
        with pytest.raises(Error, match="found an image that ppinfer tune did not draw"):
            check_plot(str(image))


def test_after_an_interruption_all_is_said_that_is_known():
    search = search_in(World(problem=no_int8, interrupt_at=9))
    with pytest.raises(KeyboardInterrupt):
        search.run()
    tuning = Tuning(Goal(), TWO_CPUS, Sample(images=["cat.jpg"] * 200), 200, search, interrupted=True)
    assert {tuning.verdict(outcome) for outcome in tuning.outcomes} <= {"chosen", "not finished", "slower"}
    assert sentence(tuning) == f"your own settings are the best: {ORIGINAL}"
    assert json.loads(json.dumps(tuning.as_dict()))["chosen"] == ORIGINAL.keys()
