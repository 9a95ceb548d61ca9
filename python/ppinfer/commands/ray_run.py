"""`ppinfer classify --ray ADDRESS`: a run on a cluster, from its options to its exit code."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import typer

from ppinfer import _core
from ppinfer.commands.classify_run import ClassifyOptions, say_end
from ppinfer.commands.failures import tell
from ppinfer.commands.record_options import STDOUT
from ppinfer.commands.run_report import check_report
from ppinfer.commands.run_view import RunView
from ppinfer.config_values import load_config

if TYPE_CHECKING:
    from ppinfer.overrides import GivenKey
    from ppinfer.selection import InputSelection

PARQUET = "parquet"
REFUSED = ("resume", "force", "errors", "max_errors", "sort_into", "move_errors")
"""Options that a run on a cluster lacks."""


def run_on_ray(
    address: str, config: str | None, given: list[GivenKey], selection: InputSelection, options: ClassifyOptions
) -> int:
    """Do it; gives the exit code.

    Args:
        address: Of the cluster; "local" starts one.
        config: A config.txt.
        given: Config keys.
        selection: The inputs.
        options: Where records go, and what shows.

    Raises:
        Error: It can't be done, or not to its end.
    """
    check_for_ray(options)
    with RunView(options.log_json, quiet=options.quiet) as view:
        for notice in load_config(config, given).notices:
            view.note(notice)
        from ppinfer.ray import classify_inputs  # takes a second

        view.start(
            {"version": _core.__version__, "command": sys.argv[1:], "ray": address, "output": options.records.output}
        )
        view.begin()
        done = classify_inputs(
            selection,
            given=given,
            config=config,
            output=options.records.output,
            address=address,
            on_progress=view.on_progress,
            on_notice=view.note,
        )
        view.stop()
        if options.report is not None and done.images:
            from ppinfer.report import write_report

            totals = {"images": done.images, "errors": done.errors, "skipped": done.skipped, "lanes": done.lanes}
            facts = {**totals, "wall_ms": done.wall_s * 1e3, "inputs": selection.in_words(), "ray": address}
            write_report(options.records.output, options.report, facts=facts)
        view.end(done.ended, done.exit_code, done, output=options.records.output)
    say_end(done, selection, options)
    if done.images and not options.quiet:
        tell(_core.summary_sentence(done, os.fsencode(options.records.output)))
    return done.exit_code


def check_for_ray(options: ClassifyOptions) -> None:
    """Refuse what a run on a cluster doesn't have."""
    given = [name for name in REFUSED if getattr(options.records, name)] + ["stats"] * options.stats
    if given:
        flags = " or ".join("--" + name.replace("_", "-") for name in given)
        raise typer.BadParameter(f"a run with --ray has no {flags}: leave it out", param_hint="--ray")
    if options.records.output == STDOUT or options.records.format != PARQUET:
        raise typer.BadParameter("records of a cluster go into Parquet: give --output FILE.parquet", param_hint="--ray")
    if options.report is not None:
        if "://" in options.records.output:
            raise typer.BadParameter("a report needs records in a local file: leave it out", param_hint="--report")
        check_report(options.report, options.records.output, PARQUET)
