"""A run of `ppinfer classify`, from its options to its exit code. What it says goes to standard error."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ppinfer import _core
from ppinfer.commands.broken_pipe import broken_pipe_ends_later
from ppinfer.commands.failures import say, tell
from ppinfer.commands.record_options import STDOUT
from ppinfer.commands.run_report import check_report, report_records
from ppinfer.commands.run_view import RunView
from ppinfer.commands.written_file import check_written_files
from ppinfer.config_values import load_config
from ppinfer.run import RunOptions, provenance_of, write_records

if TYPE_CHECKING:
    from ppinfer.overrides import GivenKey
    from ppinfer.result import RunSummary
    from ppinfer.selection import InputSelection


@dataclass(frozen=True, kw_only=True)
class ClassifyOptions:
    """Where records and images go, and what shows meanwhile."""

    records: RunOptions
    report: str | None
    quiet: bool
    stats: bool
    log_json: str | None
    value_flags: tuple[str, ...]
    """Flags of the command that a value follows."""


def check_files(options: ClassifyOptions, selection: InputSelection, config: str | None) -> None:
    """Refuse files to write that are inputs, or that other options write, too.

    Raises:
        Error: The message says which option, and why.
    """
    check_written_files(
        {
            "--output": options.records.output,
            "--errors": options.records.errors,
            "--report": options.report,
            "--log-json": options.log_json,
        },
        replaced=("--report",),
        checked_later=("--output", "--errors", "--log-json"),
        list_path=selection.list_path,
        config=config,
    )


def run(config: str | None, given: list[GivenKey], selection: InputSelection, options: ClassifyOptions) -> int:
    """Do it; gives the exit code.

    Raises:
        Error: It can't be done, or not to its end.
        KeyboardInterrupt: A second Ctrl-C.
    """
    with RunView(options.log_json, quiet=options.quiet, stats=options.stats) as view:
        check_report(options.report, options.records.output, options.records.format)
        core = _core.Predictor(load_config(config, given))
        view.start(
            {
                "version": _core.__version__,
                "command": sys.argv[1:],
                "config": core.config.texts,
                "model": core.description,
                "inputs": {name: getattr(selection, name) for name in selection.__match_args__},
                "output": options.records.output,
                "format": options.records.format,
                "resume": options.records.resume,
            }
        )
        for notice in core.notices:
            view.note(notice)
        with broken_pipe_ends_later(), report_records(options.report, options.records.output) as (records, copy):
            view.begin(records_on_terminal=options.records.output == STDOUT and sys.stdout.isatty())
            try:
                summary = write_records(
                    core,
                    selection,
                    options.records,
                    copy=copy,
                    on_progress=view.on_progress if view.follows else None,
                )
            except _core.RuntimeFailure as error:
                raise _with_resume_command(error, selection, options) from error
            except KeyboardInterrupt:
                say(*_resume_lines(selection, options))
                raise
            finally:
                view.stop()
            _report(core, summary, selection, records, view, options)
        _say(summary, selection, view, options)
        view.end(summary.ended, summary.exit_code, summary, **_facts_of_files(summary, options))
    return summary.exit_code


def _facts_of_files(summary: RunSummary, options: ClassifyOptions) -> dict[str, Any]:
    facts: dict[str, Any] = {"output": options.records.output, "not_images": summary.not_images}
    if options.records.sort_into is not None:
        facts |= {"sorted": summary.sorted, "gone": summary.gone}
    if options.records.move_errors is not None:
        facts |= {"moved": summary.moved, "stayed": summary.stayed}
    return facts


def _resume_lines(selection: InputSelection, options: ClassifyOptions) -> list[str]:
    """Say how a run that ended early is resumed; empty if it can't be."""
    files = _core.run_files(os.fsencode(options.records.output))
    if files is None or not (os.path.exists(files[1]) and os.path.exists(files[2])):
        return []
    if selection.open().reads_a_stream:
        return []
    return [
        f"the records so far are kept in {files[1]}.",
        *_core.resume_lines(command_line(), options.value_flags, selection.list_path == STDOUT),
    ]


def _with_resume_command(
    error: _core.RuntimeFailure, selection: InputSelection, options: ClassifyOptions
) -> _core.RuntimeFailure:
    """Add the resume command to an error during the run."""
    lines = _resume_lines(selection, options)
    if not lines:
        return error
    failure = _core.RuntimeFailure(str(error))
    # A line each, as a ConfigError has them.
    failure.problems = [str(error), f"{lines[0]} Fix the cause first.", *lines[1:]]  # type: ignore[attr-defined]
    return failure


def _report(
    core: _core.Predictor,
    summary: RunSummary,
    selection: InputSelection,
    records: str,
    view: RunView,
    options: ClassifyOptions,
) -> None:
    if options.report is None or not summary.images_in_all:
        return
    if summary.ended != "complete":
        view.note(f"{options.report} is made by the run that comes to the end")
        return
    from ppinfer.report import write_report

    provenance = provenance_of(core)
    facts = {
        "images": summary.images_in_all,
        "errors": summary.errors_in_all,
        "skipped": summary.skipped,
        "done_before": summary.done_before,
        "wall_ms": summary.wall_s * 1e3,
        "stage_ms": {stage: seconds * 1e3 for stage, seconds in summary.stage_s.items()},
        "lanes": summary.lanes,
        "inputs": selection.in_words(),
        "model": core.description,
        "ppinfer": provenance.version,
        "sha256 of the model": dict(provenance.model_sha256),
        "config": dict(provenance.config),
    }
    write_report(records, options.report, facts=facts)


def _say(summary: RunSummary, selection: InputSelection, view: RunView, options: ClassifyOptions) -> None:
    for notice in summary.notices:
        view.note(notice)
    say(*summary.not_moved)
    if summary.nothing_to_resume:
        view.note("no stopped run to resume; started over")
    say_end(summary, selection, options)
    if not options.quiet and summary.images_in_all:
        tell(_core.summary_sentence(summary, os.fsencode(options.records.output)))
        if options.stats:
            tell(f"time of the lanes: {_core.stages_in_words(summary)}")


def say_end(summary: RunSummary, selection: InputSelection, options: ClassifyOptions) -> None:
    """Say why a run ended early, or that it had nothing to do."""
    say(*selection.end_lines(summary, command_line(), options.value_flags, options.quiet))


def command_line() -> list[bytes]:
    """Give the words that start this command here; the program's name alone where the shell finds it by that."""
    file, *words = sys.argv
    name = os.path.basename(file)
    found = shutil.which(name)
    program = [name if found is not None and os.path.exists(file) and os.path.samefile(found, file) else file]
    if name == "__main__.py":
        program = [sys.executable, "-m", "ppinfer"]
    return [os.fsencode(word) for word in [*program, *words]]
