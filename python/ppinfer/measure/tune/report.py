"""What a tuning found, in words: rows of a table, a sentence, and the comments of the config that it ends in."""

from __future__ import annotations

import shlex
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ppinfer import _core
from ppinfer.measure.machine import machine_facts, versions
from ppinfer.measure.reference import QUANTISED_NOTE
from ppinfer.measure.tune.outcome import as_fast_as

if TYPE_CHECKING:
    from ppinfer.measure.tune.outcome import Outcome
    from ppinfer.measure.tune.tuning import Goal, Tuning
    from ppinfer.overrides import GivenKey

COLUMNS = ("engine", "precision", "lanes x threads", "batch", "decode", "images/s", "p50 ms", "same top-1", "verdict")
TEXT_COLUMNS = ("engine", "precision", "lanes x threads", "decode", "verdict")
BUSY_SPREAD = 0.1
WANTED = {"throughput": "the highest throughput", "latency": "the lowest latency of a single image"}


def rows(tuning: Tuning) -> list[tuple[str, ...]]:
    """Give a row of `COLUMNS` for each candidate that can run, the fastest first."""
    return [_row(tuning, outcome) for outcome in tuning.outcomes if not outcome.problem]


def _row(tuning: Tuning, outcome: Outcome) -> tuple[str, ...]:
    candidate = outcome.candidate
    verdict = tuning.verdict(outcome) + (", yours" if outcome is tuning.original else "")
    return (
        candidate.engine,
        candidate.precision,
        f"{candidate.lanes} x {candidate.threads_per_lane}",
        str(candidate.batch_size),
        candidate.decode,
        rate_in_words(tuning, outcome),
        latency_in_words(tuning, outcome),
        "" if outcome.agreement is None else f"{outcome.agreement.agreeing}/{outcome.agreement.images}",
        verdict,
    )


def rate_in_words(tuning: Tuning, outcome: Outcome) -> str:
    """Say images/s, and how far its rounds lie apart."""
    figures = tuning.figures(outcome)
    if figures is None:
        return ""
    spread = "" if outcome.spread is None else f" ±{outcome.spread * 100:.0f} %"
    return f"{figures.images_per_s:.4g}{spread}"


def latency_in_words(tuning: Tuning, outcome: Outcome) -> str:
    """Say the median time of a single image."""
    figures = tuning.figures(outcome)
    return "" if figures is None else f"{figures.latency_ms:.2f}"


def unavailable(tuning: Tuning) -> list[str]:
    """Say of each candidate that can't run why, a line each."""
    return [
        f"{tuning.verdict(one)}: {one.candidate.engine} {one.candidate.precision}, batch {one.candidate.batch_size}: "
        f"{one.problem}"
        for one in tuning.outcomes
        if one.problem
    ]


def notes(tuning: Tuning) -> list[str]:
    """Return the notices about the figures."""
    found = []
    images, least = len(tuning.sample.images), tuning.goal.min_agreement
    if least < 1 and images * (1 - least) < 1 - 1e-9:
        found.append(
            f"agreement was measured on {images} images, where a single difference exceeds the limit of "
            f"{least * 100:g} %; use {tuning.images_wanted} images or more"
        )
    if tuning.search.original.precision == "int8" and tuning.goal.reference is None:
        found.append(QUANTISED_NOTE)
    refused = [one for one in tuning.outcomes if tuning.verdict(one) == "refused" and one.measured]
    best, chosen = max(refused, key=tuning.speed, default=None), tuning.chosen
    if best is not None and chosen is not None and tuning.speed(best) > 1.1 * tuning.speed(chosen):
        found.append(
            f"{best.candidate} is refused, with {best.agreement} agreement with {tuning.reference}, and would be "
            f"{tuning.speed(best) / tuning.speed(chosen):.2f} times as fast; --min-agreement sets how many must agree"
        )
    if chosen is not None and not chosen.own_agreement:
        found.append(
            "the time was too short to check the chosen candidate: its agreement is from another candidate with the "
            "same engine, precision and decode"
        )
    spread = tuning.original.spread
    if spread is not None and spread > BUSY_SPREAD:
        found.append(
            f"other processes used the machine: images/s of your own settings varied by {spread * 100:.0f} %; a "
            "quiet machine shows smaller differences"
        )
    if tuning.search.untried and not tuning.interrupted:
        pairs = ", ".join(f"{engine} {precision}" for engine, precision in tuning.search.untried)
        found.append(f"{tuning.goal.seconds:g} s were too short to try {pairs}: raise --seconds")
    return found


def sentence(tuning: Tuning) -> str:
    """Say what was chosen, and what it gains."""
    chosen, original = tuning.chosen, tuning.original
    if chosen is None:
        return f"no measured candidate agrees with {tuning.reference}"
    if chosen is original:
        return f"your own settings are the best: {chosen.candidate}"
    gained = "as fast as your own settings, and simpler"
    if original.agreement is not None and not tuning.search.passes(original):
        gained = f"your own settings are refused, with {original.agreement} of the results of {tuning.reference}"
    elif not as_fast_as(original, chosen, tuning.goal.objective):
        gained = _gained(tuning, chosen)
    return f"chosen: {chosen.candidate}: {gained}"


def _gained(tuning: Tuning, chosen: Outcome) -> str:
    ratio = f"{tuning.speed(chosen) / tuning.speed(tuning.original):.2f}"
    if tuning.goal.objective == "throughput":
        ours, theirs = (rate_in_words(tuning, one) for one in (chosen, tuning.original))
        return f"{ours} images/s where your own settings give {theirs} ({ratio} times)"
    ours, theirs = (latency_in_words(tuning, one) for one in (chosen, tuning.original))
    return f"{ours} ms for a single image where your own settings take {theirs} ({ratio} times as fast)"


def command_again(config: str | None, given: Sequence[GivenKey], folder: str, goal: Goal, output: str) -> str:
    """Give the command that repeats a tuning.

    >>> from ppinfer.measure.tune.tuning import Goal
    >>> command_again("config.txt", [("topk", "1", "-o")], "my photos", Goal(), "tuned.txt")
    "ppinfer tune -c config.txt -o topk=1 'my photos' --force"
    """
    words = ["ppinfer", "tune"] + ([] if config is None else ["-c", config])
    for key, value, given_by in given:
        words += ["-m", value] if given_by == "-m" else ["-o", f"{key}={value}"]
    words.append(folder)
    usual = type(goal)()
    for option, value, default in (
        ("--seconds", f"{goal.seconds:g}", f"{usual.seconds:g}"),
        ("--min-agreement", f"{goal.min_agreement:g}", f"{usual.min_agreement:g}"),
        ("--objective", goal.objective, usual.objective),
        ("--reference", goal.reference or "", ""),
        ("--output", output, "tuned.txt"),
    ):
        words += [] if value == default else [option, value]
    return shlex.join([*words, "--force"])


def as_json(tuning: Tuning, again: str) -> dict[str, Any]:
    """Give all figures, and the machine and versions that they were measured with."""
    engine = tuning.search.original.engine
    return {"command": again, "machine": machine_facts(), "versions": versions(engine), **tuning.as_dict()}


def comments(tuning: Tuning, folder: str, config: str | None, command: str) -> list[str]:
    """Give the lines that stand at the head of the written config."""
    chosen, original = tuning.chosen, tuning.original
    assert chosen is not None  # a config is written only for a chosen candidate
    facts, library = machine_facts(), versions(chosen.candidate.engine)["engine"]
    moment = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    tried = sum(one.measured for one in tuning.outcomes)
    lines = [
        f"Tuned by ppinfer {_core.__version__} on {moment} for {WANTED[tuning.goal.objective]}.",
        f"Machine: {facts['cpu']}, {facts['allowed_cpus']} allowed CPUs; {library}.",
        f"Images: {len(tuning.sample.images)} of {tuning.images_found} in {folder}. "
        f"{tried} candidates in {tuning.seconds:.0f} s.",
    ]
    if tuning.interrupted:
        lines.append("Interrupted: these are the best settings so far.")
    lines.append(f"These settings: {_measured(tuning, chosen)}.")
    before = "the model's defaults" if config is None else config
    if chosen is original:
        lines.append(f"The same as {before}: no candidate is better.")
    else:
        lines.append(f"Before, by {before}: {_measured(tuning, original)}; {original.candidate}.")
    lines.append(f"Again: {command}")
    return lines


def _measured(tuning: Tuning, outcome: Outcome) -> str:
    return (
        f"{rate_in_words(tuning, outcome)} images/s, {latency_in_words(tuning, outcome)} ms for a single image (p50), "
        f"the top-1 of {tuning.reference} for {outcome.agreement or 'an unknown number'} images"
    )
