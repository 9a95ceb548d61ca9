"""The whole benchmark: check the results, then time them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone

from ppinfer import _core
from ppinfer.agreement import Agreement, compare_results
from ppinfer.config_values import load_config
from ppinfer.image_folder import evenly_spaced, images_in
from ppinfer.measure.benchmark.figures import STAGES, Figure, Roofline, Throughput, measure_latency, measure_stages
from ppinfer.measure.benchmark.report import Report
from ppinfer.measure.benchmark.tolerances import Tolerance, tolerance_of
from ppinfer.measure.machine import image_facts, machine_facts, model_facts, versions
from ppinfer.measure.reference import QUANTISED_NOTE, load_reference, results_of, with_keys
from ppinfer.measure.throughput import ROUNDS, Rounds, ThroughputMeter
from ppinfer.overrides import GivenKey

MOST_SHOWN = 5  # images that disagree; the others are counted
SHORT_ROUND_S = 1.0
ALL_OURS = 0.95  # of the time that the lanes work; below, somebody else uses their CPUs
ENOUGH_FOR_P99 = 100


@dataclass(frozen=True)
class Plan:
    """What to measure, and for how long."""

    mode: str = "both"
    seconds: float = 10.0
    """For each of throughput, the stages alone, and latency."""
    warmup_s: float = 1.0
    limit: int = 200
    """Images that are used at most, from all over those that were given."""
    reference: str | None = None
    """Config or model folder whose results count as right; None: the same model at fp32, a quantised one as it is."""
    least_share: float | None = None
    """Of images that must agree; None: by precision."""
    score_tolerance: float | None = None
    """None: by precision."""


class Disagreement(_core.Error):
    """Too few results are those of the reference; `problems` are the lines that say so."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


def benchmark(
    config: str | None,
    given: Sequence[GivenKey],
    paths: Sequence[str],
    plan: Plan,
    on_step: Callable[[str], object] = lambda step: None,
) -> Report:
    """Check a config's results on images, then time it.

    Args:
        config: A config.txt; None: keys alone.
        given: Keys that win over it.
        paths: Files and folders.
        plan: What to measure.
        on_step: Called with what comes next, in words.

    Raises:
        Disagreement: Too many results differ from those of the reference.
        Error: No images, only bad images, or a model that can't run.
        KeyboardInterrupt: Ctrl-C.
    """
    made_at, machine = datetime.now(timezone.utc), machine_facts()
    found = images_in(paths)
    images = evenly_spaced(found, plan.limit)
    given = with_keys(given, {"save_dir": ""}, "benchmark")  # without copies of images
    on_step("loading the model")
    predictors = load_predictors(config, given, plan.mode)
    first = next(iter(predictors.values()))
    values, description = first.config.texts, first.description
    of_scores = [notice for notice in first.notices if notice not in first.config.notices]  # the caller said those
    del first  # each is gone once it is timed
    on_step("checking the answers")
    timed = [predictor for name, predictor in predictors.items() if name != "alone"]
    reference, agreement, tolerance = check(config, given, images, timed, plan)
    del timed
    good = [path for path in images if path not in agreement.bad]
    if not good:
        path, reason = next(iter(agreement.bad.items()))
        raise _core.Error(f"none of {len(images)} images can be classified: {path}: {reason}")
    report = Report(
        made_at.isoformat(timespec="seconds"),
        {"mode": plan.mode, "seconds": plan.seconds, "warmup_s": plan.warmup_s},
        machine,
        {},
        values,
        description,
        model_facts(values),
        {**image_facts(good), "given": len(found)},
        reference,
        agreement,
        tolerance,
        notes=of_scores,
    )
    if "throughput" in predictors:
        time_throughput(predictors.pop("throughput"), predictors.pop("alone"), good, plan, report, on_step)
    if "latency" in predictors:
        on_step("latency")
        latency = predictors.pop("latency")
        report.latency = measure_latency(latency, good, seconds=plan.seconds, warmup_s=plan.warmup_s)
    report.versions = versions(values["engine"])  # which loads every engine's library: not before the timing
    report.notes += notes_on(report, plan)
    return report


def load_predictors(config: str | None, given: Sequence[GivenKey], mode: str) -> dict[str, _core.Predictor]:
    """Load what the mode needs: one as the config says, one for single images with all threads on each.

    The stages alone are measured on a predictor with one lane: of several, an engine runs on now one CPU, now another,
    as it shares its threads among them, and that isn't the best that a lane can do.
    """
    predictors = {}
    if mode != "latency":
        predictors["throughput"] = _core.Predictor(load_config(config, given))
        one_lane = {"lanes": "1", "threads_per_lane": str(predictors["throughput"].config.threads_per_lane)}
        predictors["alone"] = _core.Predictor(load_config(config, with_keys(given, one_lane, "alone")))
    if mode != "throughput":
        keys = {"lanes": "1", "batch_size": "1"}
        if load_config(config, given).effective["threads_per_lane"].layer == "default":
            keys["threads_per_lane"] = str(_core.allowed_cpu_count())
        predictors["latency"] = _core.Predictor(load_config(config, with_keys(given, keys, "latency")))
    return predictors


def check(
    config: str | None,
    given: Sequence[GivenKey],
    images: Sequence[str],
    predictors: Sequence[_core.Predictor],
    plan: Plan,
) -> tuple[str, Agreement, Tolerance]:
    """Compare the results of each predictor with the reference's.

    Gives the reference's description, the worst agreement with the bad images of all, and what it had to reach.

    Raises:
        Disagreement: Too few results agree.
    """
    reference = load_reference(config, given, plan.reference)
    expected = results_of(reference, images)
    description = f"{reference.description}; decode exact, batch size 1"
    if is_its_own_reference(load_config(config, given).texts, plan):
        description = f"the same quantised model in float32: {description}"
    del reference  # its memory and threads have no part in what follows
    worst: Agreement | None = None
    bad: dict[str, str] = {}
    for predictor in predictors:
        values = predictor.config.texts
        tolerance = tolerance_of(values["precision"], values["decode"], plan.least_share, plan.score_tolerance)
        results = results_of(predictor, images)
        found = compare_results(expected, results, postprocess=values["postprocess"], score_tolerance=tolerance.scores)
        if not found.reaches(tolerance.least_share):
            raise Disagreement(refusal(found, tolerance.least_share, values["precision"], description))
        bad |= found.bad
        worst = found if worst is None or found.share < worst.share else worst
    assert worst is not None
    return description, replace(worst, bad=bad), tolerance


def is_its_own_reference(values: Mapping[str, str], plan: Plan) -> bool:
    """Whether a quantised model is compared with itself: then damage by quantisation stays hidden."""
    return values["precision"] == "int8" and plan.reference is None


def refusal(found: Agreement, least_share: float, precision: str, reference: str) -> list[str]:
    """Say why nothing is timed, a line each.

    >>> found = Agreement(1, 2, disagreeing={"cat.jpg": "class 1 (0.5000), expected 2 (0.6000)"})
    >>> for line in refusal(found, 1.0, "fp32", "Paddle"):
    ...     print(line)
    1 of 2 images disagree with Paddle: 50 % agree, expected 100 % at precision fp32; nothing is timed
    cat.jpg: class 1 (0.5000), expected 2 (0.6000)
    --agreement and --tolerance set other limits, --reference another config as reference
    """
    lines = [
        f"{len(found.disagreeing)} of {found.images} images disagree with {reference}: "
        f"{100 * found.share:.4g} % agree, expected {100 * least_share:.4g} % at precision "
        f"{precision}; nothing is timed"
    ]
    lines += [f"{path}: {how}" for path, how in list(found.disagreeing.items())[:MOST_SHOWN]]
    if len(found.disagreeing) > MOST_SHOWN:
        lines.append(f"and {len(found.disagreeing) - MOST_SHOWN} more")
    return [*lines, "--agreement and --tolerance set other limits, --reference another config as reference"]


def time_throughput(
    predictor: _core.Predictor,
    alone: _core.Predictor,
    images: Sequence[str],
    plan: Plan,
    report: Report,
    on_step: Callable[[str], object],
) -> None:
    """Time all lanes, and in between the stages alone: so that both have the same weather.

    The stages are measured after as many rounds as there is time for, after one at least.
    """
    on_step("warming up")
    meter = ThroughputMeter(predictor, images, round_s=plan.seconds / ROUNDS, warmup_s=plan.warmup_s)
    runs: list[Rounds] = []
    costs: list[_core.StageTimes] = []
    stages_s = 0.0
    for number in range(1, ROUNDS + 1):
        on_step(f"throughput, round {number} of {ROUNDS}")
        runs.append(meter.measure())
        if stages_s + stages_s / max(1, len(costs)) > plan.seconds:
            continue
        on_step(f"the stages alone, round {number} of {ROUNDS}")
        start = time.monotonic()
        costs.append(measure_stages(alone, meter.paths, seconds=plan.seconds / ROUNDS / len(STAGES)))
        stages_s += time.monotonic() - start
    report.throughput = Throughput.of(runs, meter.round_images)
    report.roofline = Roofline.of(costs, min(report.throughput.lanes, report.machine["allowed_cpus"]))
    pairs = zip(report.throughput.images_per_s.rounds, report.roofline.images_per_s.rounds, strict=False)
    report.share = Figure.of(reached / possible for reached, possible in pairs)
    if len(meter.paths) < len(images):
        report.notes.append(
            f"{len(meter.paths)} of the {len(images)} images, sampled evenly, are timed for throughput: a round of "
            f"all images takes too long for --seconds {plan.seconds:g}"
        )


def notes_on(report: Report, plan: Plan) -> list[str]:
    """Say what makes the figures doubtful."""
    notes = []
    if is_its_own_reference(report.config, plan):
        notes.append(QUANTISED_NOTE)
    machine = report.machine
    if machine["load_average"] > 0.5 * machine["allowed_cpus"]:
        notes.append(
            f"the load average was {machine['load_average']:.1f} at the start, and {machine['allowed_cpus']} of "
            f"{machine['cpus']} CPUs are allowed here: other processes use the machine"
        )
    if plan.seconds / ROUNDS < SHORT_ROUND_S:
        notes.append(f"rounds of {plan.seconds / ROUNDS:.2g} s are short: --seconds {ROUNDS * SHORT_ROUND_S:g} or more")
    throughput = report.throughput
    if throughput is not None and report.config["threads_per_lane"] == "1" and throughput.cpu_share.value < ALL_OURS:
        notes.append(
            f"the lanes had a CPU for {100 * throughput.cpu_share.value:.0f} % of their working time: other "
            "processes use the machine (or the engine waits), and the share of the roofline is unreliable"
        )
    if report.latency is not None and report.latency.images < ENOUGH_FOR_P99:
        notes.append(f"p99 of {report.latency.images} latencies is close to the largest latency")
    return notes
