"""A run of `ppinfer classify`, from its options to its exit code."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ppinfer import Error, _core
from ppinfer.commands.broken_pipe import broken_pipe_ends_later
from ppinfer.commands.failures import (
    INTERRUPTED,
    SOME_IMAGES_FAILED,
    TOO_MANY_ERRORS,
    USAGE_CONFIG_OR_MODEL,
    say,
    tell,
)
from ppinfer.commands.record_options import TEXT, RecordOptions
from ppinfer.commands.report_spool import check_report, report_records
from ppinfer.commands.run_log import RunLog
from ppinfer.commands.run_state import stage_words
from ppinfer.commands.run_view import RunView
from ppinfer.commands.run_watch import make_watch
from ppinfer.commands.run_words import files_in_words, not_moved
from ppinfer.config_values import load_config
from ppinfer.outputs.formats import format_of
from ppinfer.outputs.sources import is_stream
from ppinfer.run import RunOptions, Sorted, identity_of_run, max_errors_of, write_records

if TYPE_CHECKING:
    from ppinfer.overrides import GivenKey
    from ppinfer.result import RunSummary
    from ppinfer.selection import InputSelection


class ClassifyRun:
    """One run. What it says goes to standard error.

    Args:
        config: A config.txt.
        given: Config keys.
        selection: The inputs.
        options: Where records go, and what shows.
    """

    def __init__(
        self, config: str | None, given: list[GivenKey], selection: InputSelection, options: RecordOptions
    ) -> None:
        self._config = config
        self._given = given
        self._selection = selection
        self._options = options

    def run(self) -> int:
        """Do it; gives the exit code.

        Raises:
            Error: It can't be done, or not to its end.
            KeyboardInterrupt: A second Ctrl-C.
        """
        options = self._options
        log = None if options.log_json is None else RunLog(options.log_json)
        view = RunView(self._watch, log, quiet=options.quiet)
        try:
            self._load()
            view.start(self._facts())
            for notice in self._core.notices:
                view.note(notice)
            with broken_pipe_ends_later(), report_records(options.report, options.output) as (records, copy):
                summary, files = self._record(view, copy)
                code = exit_code(summary, files)
                self._report(summary, records, view)
        except Error as error:
            view.end("failed", USAGE_CONFIG_OR_MODEL, message=str(error))
            raise
        except KeyboardInterrupt:
            view.end("interrupted", INTERRUPTED)
            raise
        else:
            self._say(summary, files, view)
            view.end(summary.ended, code, summary, **self._facts_of_files(summary, files))
            return code
        finally:
            if log is not None:
                log.close()

    def _load(self) -> None:
        options = self._options
        self._format = options.format or format_of(options.output, default=TEXT)
        max_errors_of(options.max_errors)  # refused before the model is loaded
        if options.report is not None:
            check_report(options.report, options.output, self._format)
        self._core = _core.Predictor(load_config(self._config, self._given))

    def _record(self, view: RunView, copy: str | None) -> tuple[RunSummary, Sorted]:
        options = self._options
        view.begin(self._selection)
        try:
            return write_records(
                self._core,
                self._selection,
                RunOptions(
                    output=options.output,
                    format=self._format,
                    resume=options.resume,
                    force=options.force,
                    errors=options.errors,
                    max_errors=options.max_errors,
                    sort_into=options.sort_into,
                    sort_by=options.how,
                    move_errors=options.move_errors,
                    copy=copy,
                    on_progress=view.on_progress,
                ),
            )
        except _core.RuntimeFailure as error:
            raise self._with_resume_command(error) from error
        finally:
            view.stop()

    def _watch(self) -> Any:
        options = self._options
        return make_watch(
            quiet=options.quiet,
            records_on_terminal=options.is_stdout and sys.stdout.isatty(),
            stats=options.stats,
        )

    def _facts(self) -> dict[str, Any]:
        """What the log says first."""
        options = self._options
        return {
            "version": _core.__version__,
            "command": sys.argv[1:],
            "config": self._core.config.texts,
            "model": self._core.description,
            "inputs": asdict(self._selection),
            "output": options.output,
            "format": self._format,
            "resume": options.resume,
        }

    def _facts_of_files(self, summary: RunSummary, files: Sorted) -> dict[str, Any]:
        facts: dict[str, Any] = {"output": self._options.output, "not_images": summary.not_images}
        if self._options.sort_into is not None:
            facts |= {"sorted": files.sorted, "gone": files.gone}
        if self._options.move_errors is not None:
            facts |= {"moved": files.moves.moved, "stayed": files.moves.stayed}
        return facts

    def _with_resume_command(self, error: _core.RuntimeFailure) -> _core.RuntimeFailure:
        """Add to a failure midway how the run goes on."""
        files = _core.run_files(os.fsencode(self._options.output))
        if files is None or not (os.path.exists(files[1]) and os.path.exists(files[2])):
            return error
        if any(map(is_stream, self._selection.paths)):  # it can't be resumed
            return error
        failure = _core.RuntimeFailure(str(error))
        kept = f"the records so far are kept in {files[1]}. Fix the cause first."
        failure.problems = [  # type: ignore[attr-defined]  # a line each, as a ConfigError has them
            str(error),
            kept,
            *_core.resume_lines(command_line()),
        ]
        return failure

    def _report(self, summary: RunSummary, records: str, view: RunView) -> None:
        path = self._options.report
        if path is None or not summary.images_in_all:
            return
        if summary.ended != "complete":
            view.note(f"{path} is made by the run that comes to the end")
            return
        from ppinfer.report import write_report

        identity = identity_of_run(self._core)
        facts = {
            "images": summary.images_in_all,
            "errors": summary.errors_in_all,
            "skipped": summary.skipped,
            "done_before": summary.done_before,
            "wall_ms": summary.wall_s * 1e3,
            "stage_ms": {stage: seconds * 1e3 for stage, seconds in summary.stage_s.items()},
            "lanes": summary.lanes,
            "inputs": self._selection.in_words(),
            "model": self._core.description,
            "ppinfer": identity.version,
            "sha256 of the model": dict(identity.model_sha256),
            "config": dict(identity.config),
        }
        write_report(records, path, facts=facts)

    def _say(self, summary: RunSummary, files: Sorted, view: RunView) -> None:
        options = self._options
        for notice in summary.notices:
            view.note(notice)
        say(*not_moved(files.moves))
        if summary.nothing_to_resume:
            view.note("there was no stopped run to resume: began at the start")
        say_end(summary, self._selection, quiet=options.quiet)
        if not options.quiet and summary.images_in_all:
            more = files_in_words(summary, files, sorted_into=options.sort_into, moved_into=options.move_errors)
            tell(_core.summary_sentence(summary, os.fsencode(options.output)) + more)
            if options.stats:
                tell(f"time of the lanes: {stage_words(summary)}")


def say_end(summary: RunSummary, selection: InputSelection, *, quiet: bool) -> None:
    """Say why a run ended early, or that it had nothing to do."""
    if summary.ended != "complete":
        say(*_core.stop_lines(summary, command_line()))
    elif not summary.images_in_all and not summary.of_other_shards:
        say(_core.no_images_sentence(os.fsencode(selection.in_words()), summary))
    elif not summary.images_in_all and not quiet:
        say(_core.empty_shard_sentence(selection.shard, summary))


def command_line() -> list[bytes]:
    """Give the words that start this command here; the program's name alone where the shell finds it by that."""
    file, *words = sys.argv
    name = os.path.basename(file)
    found = shutil.which(name)
    program = [name if found is not None and os.path.exists(file) and os.path.samefile(found, file) else file]
    if name == "__main__.py":
        program = [sys.executable, "-m", "ppinfer"]
    return [os.fsencode(word) for word in [*program, *words]]


def exit_code(summary: RunSummary, files: Sorted | None = None) -> int:
    """Tell a run's exit code."""
    if summary.ended == "interrupted":
        return INTERRUPTED
    if summary.ended == "max_errors":
        return TOO_MANY_ERRORS
    if not summary.images_in_all and not summary.of_other_shards:
        return USAGE_CONFIG_OR_MODEL
    is_refused = files is not None and files.moves.refused
    return SOME_IMAGES_FAILED if summary.errors_in_all or is_refused else 0
