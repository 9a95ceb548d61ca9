"""`ppinfer classify`: files and folders in, records out."""

from __future__ import annotations

import typer

from ppinfer.commands import input_options as inputs
from ppinfer.commands import record_options as records
from ppinfer.commands.failures import exit_codes
from ppinfer.commands.options import ConfigFile, Model, Overrides, config_of


def classify(
    ctx: typer.Context,
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
    if resume and force:
        raise typer.BadParameter("expected one of --resume, to resume, and --force, to start over")
    if by != records.WAYS[0] and sort_into is None:
        raise typer.BadParameter("needs --sort-into DIR", param_hint="--by")
    for flag, folder in (("--sort-into", sort_into), ("--move-errors", move_errors)):
        if folder == "":
            raise typer.BadParameter("expected the name of a folder, got an empty one", param_hint=flag)
    with exit_codes(
        "interrupted; nothing is written" if ray else "interrupted; the finished images have their records"
    ):
        from ppinfer.commands.classify_run import ClassifyOptions, check_files, run
        from ppinfer.outputs.formats import format_of
        from ppinfer.run import RunOptions

        selection = inputs.selection_of(
            paths,
            include=include,
            exclude=exclude,
            shard=shard,
            hidden=hidden,
            follow_links=not no_follow_links,
            list_path=list_path,
            list_ends_in_nul=ends_in_nul,
        )
        options = ClassifyOptions(
            records=RunOptions(
                output,
                format=format or format_of(output, default="text"),
                resume=resume,
                force=force,
                errors=errors,
                max_errors=max_errors,
                sort_into=sort_into,
                sort_by=by,
                move_errors=move_errors,
            ),
            report=report,
            quiet=quiet,
            stats=stats,
            log_json=log_json,
            value_flags=value_flags(ctx),
        )
        check_files(options, selection, config)
        if ray is None:
            code = run(config, given, selection, options)
        else:
            from ppinfer.commands.ray_run import run_on_ray

            code = run_on_ray(ray, config, given, selection, options)
    raise typer.Exit(code)


def value_flags(ctx: typer.Context) -> tuple[str, ...]:
    """List the flags of a command that a value follows."""
    return tuple(name for option in ctx.command.params if not getattr(option, "is_flag", True) for name in option.opts)
