"""`ppinfer benchmark`: throughput, latency and the roofline on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ppinfer.commands.failures import exit_codes, say_left_out, say_notices, shown
from ppinfer.commands.options import ConfigFile, Model, Overrides, Reference, config_of, finite, one_of
from ppinfer.commands.tables import print_table, steps
from ppinfer.commands.written_file import JsonFile, check_written_files, write_json

if TYPE_CHECKING:
    from ppinfer.measure.benchmark.report import Report

MODES = ("throughput", "latency", "both")


def benchmark(
    paths: Annotated[list[str], typer.Argument(metavar="PATH", help="Images and folders of images.")],
    config: ConfigFile = None,
    model: Model = None,
    override: Overrides = None,
    mode: Annotated[
        str,
        typer.Option(
            metavar="|".join(MODES),
            callback=one_of(MODES, "--mode"),
            help="Time all lanes, one image at a time, or both.",
        ),
    ] = "both",
    seconds: Annotated[
        float,
        typer.Option(
            min=0.05,
            metavar="S",
            callback=finite,
            help="Seconds for each measurement: throughput, single stages, latency.",
        ),
    ] = 10,
    warmup_seconds: Annotated[
        float, typer.Option(min=0, metavar="S", callback=finite, help="Seconds of warm-up before each measurement.")
    ] = 1,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="Use at most N images, sampled evenly.")] = 200,
    json_file: JsonFile = None,
    baseline: Annotated[
        str | None, typer.Option(metavar="FILE", help="Compare with an earlier report of --json.")
    ] = None,
    reference: Reference = None,
    agreement: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            metavar="SHARE",
            callback=finite,
            help="Minimum share of images whose result matches fp32.  [fp32: 1, bf16 and decode fast: 0.95, int8: 0.9]",
        ),
    ] = None,
    tolerance: Annotated[
        float | None,
        typer.Option(min=0, callback=finite, help="Largest difference of scores that counts as equal.  [fp32: 1e-4]"),
    ] = None,
) -> None:
    """Measure throughput and latency on this machine.

    Prints the throughput of all lanes, the latency of single images, what each stage costs, and the roofline: what the
    lanes could do if none ever waited. Refuses to time a config whose results differ from fp32 on too many images.

    ppinfer benchmark -m models/efficientnet_lite0 photos/

    ppinfer benchmark -c config.txt photos/ --json new.json --baseline old.json
    """
    config, given = config_of(config, model, override)
    with exit_codes("interrupted; no report is written"):
        from ppinfer.config_values import load_config
        from ppinfer.measure.benchmark.baseline import load_report
        from ppinfer.measure.benchmark.run import Plan
        from ppinfer.measure.benchmark.run import benchmark as measure

        say_notices(load_config(config, given).notices)
        old = None if baseline is None else load_report(baseline)
        check_written_files({"--json": json_file})
        plan = Plan(mode, seconds, warmup_seconds, limit, reference, agreement, tolerance)
        with steps() as on_step:
            report = measure(config, given, paths, plan, on_step)
        say_left_out(list(report.agreement.bad.items()))
        say_notices(report.notes)
        if json_file != "-":
            print_report(report)
            if old is not None:
                print_comparison(old, report.as_dict())
        if json_file is not None:
            write_json(report.as_dict(), json_file)
    raise typer.Exit(1 if report.agreement.bad else 0)


def print_report(report: Report) -> None:
    """Print the figures, each with its meaning."""
    from ppinfer.measure.benchmark import table

    for line in table.summary(report):
        print(shown(line))
    print_table(table.FIGURE_HEADINGS, table.figure_rows(report), text=table.TEXT_COLUMNS)
    if rows := table.stage_rows(report):
        print_table(table.STAGE_HEADINGS, rows, text=table.TEXT_COLUMNS)


def print_comparison(old: dict[str, Any], new: dict[str, Any]) -> None:
    """Print an old report beside the new one, and what else is different."""
    from ppinfer.measure.benchmark import table
    from ppinfer.measure.benchmark.baseline import differences

    if rows := table.comparison_rows(old, new):
        print_table(table.COMPARISON_HEADINGS, rows, text=table.TEXT_COLUMNS)
        print("\nbeyond noise: the ranges of both runs' rounds do not overlap")
    else:
        print("\nthe baseline lacks these figures: it was measured with another --mode")
    for difference in differences(old, new):
        print(shown(f"differs (old | new): {difference}"))
