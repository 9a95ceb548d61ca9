"""`ppinfer classify`: files and folders in, records out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from ppinfer.commands import input_options as inputs
from ppinfer.commands import record_options as records
from ppinfer.commands.failures import exit_codes
from ppinfer.commands.options import ConfigFile, Model, Overrides, config_of

if TYPE_CHECKING:
    from ppinfer.overrides import GivenKey
    from ppinfer.selection import InputSelection


def classify(
    paths: inputs.ImagePaths = None,
    config: ConfigFile = None,
    model: Model = None,
    override: Overrides = None,
    output: records.Output = records.STDOUT,
    format: records.Format = None,
    resume: records.Resume = False,
    force: records.Force = False,
    errors: records.Errors = None,
    max_errors: records.MaxErrors = None,
    list_path: inputs.ListFile = None,
    ends_in_nul: inputs.EndsInNul = False,
    include: inputs.Include = None,
    exclude: inputs.Exclude = None,
    shard: inputs.Shard = None,
    hidden: inputs.Hidden = False,
    no_follow_links: inputs.NoFollowLinks = False,
    sort_into: records.SortInto = None,
    by: records.SortBy = "copy",
    move_errors: records.MoveErrors = None,
    report: records.Report = None,
    quiet: records.Quiet = False,
    stats: records.Stats = False,
    log_json: records.LogJson = None,
    ray: records.Ray = None,
) -> None:
    """Classify images and write one record for each.

    A bad image gets an error record. Records are in the order of the paths; a folder is searched recursively, with its
    archives, in the order of names.

    After a stop, even by kill -9, the same command with --resume continues the run.

    ppinfer classify -m models/efficientnet_lite0 --output records.jsonl photos/
    """
    config, given = config_of(config, model, override)
    selection = inputs.selection_of(
        paths,
        list_path=list_path,
        ends_in_nul=ends_in_nul,
        include=include,
        exclude=exclude,
        shard=shard,
        hidden=hidden,
        no_follow_links=no_follow_links,
    )
    options = records.RecordOptions(
        output=output,
        format=format,
        resume=resume,
        force=force,
        errors=errors,
        max_errors=max_errors,
        sort_into=sort_into,
        by=by,
        move_errors=move_errors,
        report=report,
        quiet=quiet,
        stats=stats,
        log_json=log_json,
    )
    options.check(list_path=list_path, config=config)
    raise typer.Exit(run(config, given, selection, options, ray))


def run(
    config: str | None,
    given: list[GivenKey],
    selection: InputSelection,
    options: records.RecordOptions,
    ray: str | None = None,
) -> int:
    """Run and return the exit code. `ray` is the address of a cluster."""
    if ray is not None:
        with exit_codes("interrupted; nothing is written"):
            from ppinfer.commands.ray_run import run_on_ray

            return run_on_ray(ray, config, given, selection, options)
    with exit_codes("interrupted; the finished images have their records"):
        from ppinfer.commands.classify_run import ClassifyRun

        return ClassifyRun(config, given, selection, options).run()
    raise AssertionError  # exit_codes has raised
