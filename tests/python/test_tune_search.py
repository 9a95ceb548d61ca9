"""The search of `ppinfer tune`, in a world whose speeds are known."""

import math
from dataclasses import replace

import pytest

from ppinfer import Error
from ppinfer.measure.tune.finals import ENOUGH_ROUNDS
from ppinfer.measure.tune.space import DECODE_MODES, Candidate, Space
from tuning_world import IMAGES, ORIGINAL, World, no_int8, search_in, searched, usual_rate

TWO_CPUS = Space(("openvino", "paddle"), cpus=2)


def everything(space: Space, precisions: tuple[str, ...] = ("fp32", "bf16")) -> list[Candidate]:
    """The whole grid, which no search has the time for."""
    return [
        Candidate(engine, precision, lanes, threads, batch_size, decode)
        for engine in space.engines
        for precision in precisions
        for lanes, threads in space.layouts()
        for batch_size in (1, 2, 4, 8, 16, 32, 64)
        for decode in DECODE_MODES
    ]


def best_rate(world: World, space: Space = TWO_CPUS) -> float:
    return max(world.rate(candidate) for candidate in everything(space))


# ---- what is found ---------------------------------------------------------------------------------------------------


def flat_batches(candidate):
    return usual_rate(replace(candidate, batch_size=1))


def one_wide_lane(candidate):
    return usual_rate(candidate) * (2 if candidate.threads_per_lane == 2 else 1)


def paddle_with_batches(candidate):
    """The best pair isn't the best until batches show what it can do."""
    return usual_rate(candidate) * (2 if candidate.engine == "paddle" and candidate.batch_size >= 8 else 1)


def decode_is_all(candidate):
    return 1000.0 if candidate.decode == "fast" else 500.0


@pytest.mark.parametrize("rate", [usual_rate, flat_batches, one_wide_lane, paddle_with_batches, decode_is_all])
def test_it_finds_what_the_whole_grid_would(rate):
    world = World(rate=rate, problem=no_int8)
    search = searched(world)
    assert world.rate(search.chosen.candidate) >= 0.98 * best_rate(world)
    assert len(search.outcomes) < len(everything(TWO_CPUS)) / 2
    assert world.now <= 60


@pytest.mark.parametrize("seed", range(20))
def test_noise_and_a_machine_that_others_use_change_little(seed):
    """5 % noise, and every 7 s something takes half of the machine for 3 s.

    A ratio of two such measurements is off by 7 %, and the median of the ten or more of the finals by about 3 %: the
    bounds are three times that.
    """
    world = World(problem=no_int8, noise=0.05, seed=seed, drift=lambda now: 0.5 if now % 7 < 3 else 1)
    search = searched(world)
    assert usual_rate(search.chosen.candidate) >= 0.9 * best_rate(world)
    ratio = search.chosen.speed("throughput")
    assert ratio == pytest.approx(usual_rate(search.chosen.candidate) / usual_rate(ORIGINAL), rel=0.1)


def test_a_machine_whose_speed_changes_within_a_measurement_is_asked_again():
    """Twice as fast and half as fast, every second: a ratio of two measurements can be off by a factor of two."""
    world = World(problem=no_int8, drift=lambda now: 2.0 if now % 2 < 1 else 1.0)
    search = searched(world)
    assert len(search.eligible) > 10
    for outcome in search.eligible:
        true_ratio = usual_rate(outcome.candidate) / usual_rate(ORIGINAL)
        assert [pair.ratio("throughput") for pair in outcome.pairs] == pytest.approx([true_ratio] * len(outcome.pairs))


def test_of_equals_the_simplest_wins():
    """Of 40 searches one or two may take the luckiest of several for faster: that is what 2.5 standard errors mean."""
    worlds = [World(rate=lambda candidate: 300.0, problem=no_int8, noise=0.03, seed=seed) for seed in range(40)]
    assert [searched(world).chosen.candidate for world in worlds].count(ORIGINAL) >= 38


def test_of_equals_fp32_and_exact_win_even_if_the_users_own_are_others():
    own = Candidate("openvino", "bf16", 2, 1, 8, "fast")
    search = searched(World(rate=lambda candidate: 300.0, problem=no_int8), original=own)
    assert search.chosen.candidate == ORIGINAL


def test_the_objective_latency_takes_the_soonest_answer():
    space = Space(("openvino", "paddle"), cpus=4, objective="latency")
    world = World(problem=no_int8)
    search = searched(world, space=space, original=Candidate("openvino", "fp32", 4, 1))
    chosen = search.chosen.candidate
    assert (chosen.lanes, chosen.threads_per_lane, chosen.precision, chosen.decode) == (1, 4, "bf16", "fast")
    assert chosen.batch_size == 1


def test_the_same_world_gives_the_same_again():
    first, second = (searched(World(problem=no_int8, noise=0.05, seed=3)) for _ in range(2))
    assert list(first.outcomes) == list(second.outcomes)
    assert first.chosen.candidate == second.chosen.candidate


def test_what_is_hopeless_costs_no_more_than_a_moment():
    def rate(candidate):
        return usual_rate(candidate) / (20 if candidate.engine == "paddle" else 1)

    world = World(rate=rate, problem=no_int8)
    searched(world)
    assert not [one for one in [*world.measured, *world.guarded] if one.engine == "paddle"]


# ---- guard -----------------------------------------------------------------------------------------------------------


def bf16_is_worse(candidate):
    return 198 if candidate.precision == "bf16" else IMAGES


def test_what_answers_otherwise_is_refused_with_its_figure():
    world = World(agreeing=bf16_is_worse, problem=no_int8)
    search = searched(world)
    assert search.chosen.candidate.precision == "fp32"
    refused = [one for one in search.outcomes.values() if one.candidate.precision == "bf16"]
    assert {(one.agreement.agreeing, one.agreement.images) for one in refused} == {(198, 200)}
    assert all(one.measured for one in refused)  # what the guard costs is known
    assert len(refused) == 2  # no time is spent on its other layouts


def test_finalists_are_judged_by_their_own_answers():
    """That a larger batch answers otherwise shows in the finals only."""
    world = World(agreeing=lambda candidate: 150 if candidate.batch_size > 1 else IMAGES, problem=no_int8)
    search = searched(world)
    assert search.chosen.candidate.batch_size == 1
    assert search.chosen.own_agreement
    refused = [one for one in search.outcomes.values() if one.own_agreement and not search.passes(one)]
    assert refused
    assert all(one.candidate.batch_size > 1 and not one.rounds for one in refused)


def test_own_settings_that_are_refused_are_measured_for_comparison():
    own = Candidate("openvino", "bf16", 2, 1)
    search = searched(World(agreeing=bf16_is_worse, problem=no_int8), original=own)
    assert search.chosen.candidate.precision == "fp32"
    assert len(search.outcomes[own].rounds) == len(search.chosen.rounds) > 0


# ---- what can't run --------------------------------------------------------------------------------------------------


def test_what_cannot_run_is_there_with_its_reason():
    def problem(candidate, at):
        return "reads no such model" if candidate.engine == "openvino" and at == "open" else no_int8(candidate, at)

    search = searched(World(problem=problem), original=Candidate("paddle", "fp32", 2, 1))
    assert search.chosen.candidate.engine == "paddle"
    reasons = {
        (one.candidate.engine, one.candidate.precision): one.problem for one in search.outcomes.values() if one.problem
    }
    assert reasons["openvino", "fp32"] == "reads no such model"
    assert reasons["paddle", "int8"] == "the model isn't quantised"


def test_a_model_of_a_fixed_batch():
    own = Candidate("openvino", "fp32", 2, 1, batch_size=2)

    def problem(candidate, at):
        return "was exported with a fixed batch of 2" if candidate.batch_size != 2 else no_int8(candidate, at)

    search = searched(World(problem=problem), original=own)
    assert search.chosen.candidate == Candidate("openvino", "bf16", 2, 1, 2, "fast")


@pytest.mark.parametrize("at", ["probe", "agreement", "measure"])
def test_what_fails_at_work_is_left_out(at):
    def problem(candidate, place):
        return "out of memory" if candidate.precision == "bf16" and place == at else no_int8(candidate, place)

    search = searched(World(problem=problem))
    assert search.chosen.candidate.precision == "fp32"
    failed = [one for one in search.outcomes.values() if one.candidate.precision == "bf16"]
    assert {one.problem for one in failed} == {"out of memory"}


def test_a_finalist_that_fails_leaves_the_others_their_rounds():
    world = World(problem=no_int8)
    search = search_in(world)
    rounds_of_one = 5

    def problem(candidate, at):
        outcome = search.outcomes.get(candidate)
        late = outcome is not None and len(outcome.rounds) == rounds_of_one and candidate.decode == "fast"
        return "out of memory" if late else no_int8(candidate, at)

    world.problem = problem
    search.run()
    assert world.still_open == 0
    failed = [one for one in search.outcomes.values() if one.problem == "out of memory"]
    assert failed
    assert len(search.outcomes[ORIGINAL].rounds) > rounds_of_one  # those that are left go on
    sound = [one.candidate for one in search.outcomes.values() if one.measured and not one.problem]
    assert usual_rate(search.chosen.candidate) >= 0.9 * max(map(usual_rate, sound))


def test_when_all_finalists_disappoint_others_are_asked():
    """A finalist that was twice as fast for a moment is not, and what is left behind it isn't forgotten."""
    world = World(problem=no_int8)
    search = search_in(world)

    def rate(candidate):
        lucky = candidate == Candidate("paddle", "bf16", 2, 1, 8)
        return usual_rate(candidate) * (4 if lucky and len(search.outcomes[candidate].pairs) < 2 else 1)

    world.rate = rate
    search.run()
    assert search.outcomes[Candidate("paddle", "bf16", 2, 1, 8)].rounds == []  # it was in a final, but not in the last
    assert search.chosen.candidate.engine == "openvino"
    assert usual_rate(search.chosen.candidate) >= 0.95 * max(usual_rate(one.candidate) for one in search.eligible)


@pytest.mark.parametrize("at", ["open", "probe", "agreement", "measure"])
def test_own_settings_that_fail_are_an_error(at):
    with pytest.raises(Error, match="out of memory"):
        searched(World(problem=lambda candidate, place: "out of memory" if place == at else ""))


# ---- time ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [5, 10, 60, 300])
@pytest.mark.parametrize("load_s", [0.01, 0.3, 2.0])
def test_it_ends_in_time(seconds, load_s):
    world = World(problem=no_int8, load_s=load_s)
    search = searched(world, seconds=seconds)
    assert world.now <= seconds
    assert search.chosen is not None


@pytest.mark.parametrize("load_s", [0.1, 1.0, 3.0])
def test_however_short_the_time_is_the_best_of_what_was_measured_is_taken(load_s):
    found = set()
    for seconds in range(2, 60):
        search = searched(World(problem=no_int8, load_s=load_s), seconds=seconds)
        best = max(usual_rate(one.candidate) for one in search.eligible)
        assert usual_rate(search.chosen.candidate) >= 0.95 * best, seconds
        found.add(search.chosen.candidate)
    assert len(found) > 2


@pytest.mark.parametrize("seconds", [30, 60, 90, 120])
@pytest.mark.parametrize("slower", [5, 15, 40])
def test_a_large_model_ends_in_time(seconds, slower):
    """200 images take up to 40 s, and what the guard costs a candidate is known once it has done a few."""
    world = World(rate=lambda candidate: usual_rate(candidate) / slower, problem=no_int8, slice_s=1.0)
    searched(world, seconds=seconds)
    assert world.now <= max(seconds, IMAGES / world.rate(ORIGINAL) + 4)


def test_what_the_guard_would_take_too_long_for_is_not_begun():
    """The slowest would take 26 s for its 200 images, and so much isn't left for the first part."""
    world = World(rate=lambda candidate: usual_rate(candidate) / 25, problem=no_int8)
    search = searched(world, seconds=60)
    assert ("paddle", "fp32") in search.untried
    assert not [one for one in world.guarded if (one.engine, one.precision) == ("paddle", "fp32")]


def test_more_time_is_no_reason_to_go_on_for_ever():
    world = World(problem=no_int8)
    search = searched(world, seconds=3600)
    assert world.now < 60
    assert len(search.chosen.rounds) == ENOUGH_ROUNDS  # all others were clearly behind


def test_a_model_that_takes_nearly_all_of_the_time_to_load():
    world = World(load_s=25)
    search = searched(world, seconds=60)
    assert list(search.outcomes) == [ORIGINAL]
    assert search.chosen.candidate == ORIGINAL
    assert len(search.chosen.rounds) >= 3
    assert search.untried == [pair for pair in TWO_CPUS.pairs() if pair != ("openvino", "fp32")]
    assert world.now <= 60


def test_few_models_are_loaded_at_once():
    world = World(rate=lambda candidate: 300.0)
    searched(world)
    assert world.at_most_open <= 6


# ---- Ctrl-C ----------------------------------------------------------------------------------------------------------


def interruptions():
    whole = World(problem=no_int8)
    searched(whole)
    return range(1, whole.calls + 1)


@pytest.mark.parametrize("call", interruptions())
def test_whenever_ctrl_c_comes_the_best_so_far_is_known(call):
    world = World(problem=no_int8, interrupt_at=call)
    search = search_in(world)
    with pytest.raises(KeyboardInterrupt):
        search.run()
    assert world.still_open == 0
    measured = [one for one in search.outcomes.values() if one.measured]
    assert (search.chosen is not None) == bool(measured)
    assert bool(measured) == (call > 4)  # open, probe, agreement and the first measurement of the user's own settings
    if measured:
        ratio = usual_rate(search.chosen.candidate) / usual_rate(ORIGINAL)
        assert ratio >= 0.95 * max(usual_rate(one.candidate) for one in measured) / usual_rate(ORIGINAL)
    racing = [len(one.rounds) for one in search.outcomes.values() if one.rounds]
    assert racing == [] or max(racing) == len(search.outcomes[ORIGINAL].rounds)


def test_speeds_are_ratios_so_that_a_slow_hour_changes_nothing():
    fast_hour, slow_hour = World(problem=no_int8), World(problem=no_int8, drift=lambda now: 1 / (1 + now))
    found = [searched(world).chosen for world in (fast_hour, slow_hour)]
    assert found[0].candidate == found[1].candidate
    assert math.isclose(found[0].speed("throughput"), found[1].speed("throughput"), rel_tol=0.02)
