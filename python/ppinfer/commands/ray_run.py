"""`ppinfer classify --ray ADDRESS`: a run on a cluster, from its options to its exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import typer

from ppinfer import _core
from ppinfer.commands.classify_run import exit_code, say_end
from ppinfer.commands.failures import INTERRUPTED, USAGE_CONFIG_OR_MODEL, tell
from ppinfer.commands.record_options import STDOUT, RecordOptions
from ppinfer.commands.report_spool import check_report
from ppinfer.commands.run_log import RunLog
from ppinfer.commands.run_view import RunView
from ppinfer.commands.run_watch import make_watch
from ppinfer.config_values import load_config
from ppinfer.outputs.formats import format_of

if TYPE_CHECKING:
    from ppinfer.overrides import GivenKey
    from ppinfer.result import RunSummary
    from ppinfer.selection import InputSelection

PARQUET = "parquet"


def run_on_ray(
    address: str, config: str | None, given: list[GivenKey], selection: InputSelection, options: RecordOptions
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
    if options.report is not None:
        check_report(options.report, options.output, PARQUET)
    from ppinfer.ray import classify_inputs  # takes a second

    log = None if options.log_json is None else RunLog(options.log_json)
    view = RunView(
        lambda: make_watch(quiet=options.quiet, records_on_terminal=False, stats=False), log, quiet=options.quiet
    )
    try:
        for notice in load_config(config, given).notices:
            view.note(notice)
        view.start({"version": _core.__version__, "command": sys.argv[1:], "ray": address, "output": options.output})
        view.begin(None)
        done = classify_inputs(
            selection,
            output=options.output,
            config=config,
            given=given,
            address=address,
            on_progress=view.on_progress,
            on_notice=view.note,
        )
        view.stop()
        code = exit_code(done)
        if options.report is not None and done.images:
            _write_report(options, done, {"inputs": selection.in_words(), "ray": address})
        view.end(done.ended, code, done, output=options.output)
    except _core.Error as error:
        view.end("failed", USAGE_CONFIG_OR_MODEL, message=str(error))
        raise
    except KeyboardInterrupt:
        view.end("interrupted", INTERRUPTED)
        raise
    finally:
        view.stop()
        if log is not None:
            log.close()
    say_end(done, selection, quiet=options.quiet)
    if done.images and not options.quiet:
        tell(_core.summary_sentence(done, os.fsencode(options.output)))
    return code


def check_for_ray(options: RecordOptions) -> None:
    """Refuse what a run on a cluster doesn't have."""
    unknown = {
        "--resume": options.resume,
        "--force": options.force,
        "--errors": options.errors,
        "--max-errors": options.max_errors,
        "--sort-into": options.sort_into,
        "--move-errors": options.move_errors,
        "--stats": options.stats,
    }
    given = [flag for flag, value in unknown.items() if value]
    if given:
        raise typer.BadParameter(f"a run with --ray has no {' or '.join(given)}: leave it out", param_hint="--ray")
    if options.output == STDOUT or (options.format or format_of(options.output, default="")) != PARQUET:
        raise typer.BadParameter("records of a cluster go into Parquet: give --output FILE.parquet", param_hint="--ray")
    if options.report is not None and "://" in options.output:
        raise typer.BadParameter("a report needs records in a local file: leave it out", param_hint="--report")


def _write_report(options: RecordOptions, done: RunSummary, facts: Mapping[str, Any]) -> None:
    from ppinfer.report import write_report

    totals = {"images": done.images, "errors": done.errors, "skipped": done.skipped, "wall_ms": done.wall_s * 1e3}
    assert options.report is not None, "asked for"
    write_report(options.output, options.report, facts={**totals, "lanes": done.lanes, **facts})
