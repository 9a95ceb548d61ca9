"""`ppinfer tune`: the fastest settings for a model, a machine and images."""

from __future__ import annotations

import os
import signal
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from ppinfer.commands.failures import (
    INTERRUPTED,
    USAGE_CONFIG_OR_MODEL,
    exit_codes,
    say,
    say_left_out,
    say_notices,
    shown,
)
from ppinfer.commands.options import ConfigFile, Model, Overrides, Reference, config_of, finite, one_of
from ppinfer.commands.tables import print_table, steps
from ppinfer.commands.written_file import JsonFile, check_written_files, write_json

if TYPE_CHECKING:
    from ppinfer.measure.tune.sample import Sample
    from ppinfer.measure.tune.tuning import Tuning

OBJECTIVES = ("throughput", "latency")
PLOT_ENDINGS = (".png", ".svg")


def a_picture(path: str | None) -> str | None:
    """Refuse other extensions."""
    if path is not None and not path.endswith(PLOT_ENDINGS):
        raise typer.BadParameter(f"{path}: expected a name that ends in .png or .svg", param_hint="--plot")
    return path


def tune(
    folder: Annotated[str, typer.Argument(metavar="FOLDER_OF_IMAGES", help="Images that are typical of your data.")],
    config: ConfigFile = None,
    model: Model = None,
    override: Overrides = None,
    seconds: Annotated[
        float,
        typer.Option(
            min=2, max=86400, metavar="S", callback=finite, help="Time limit in seconds, including loading of models."
        ),
    ] = 60,
    min_agreement: Annotated[
        float,
        typer.Option(
            min=0, max=1, metavar="SHARE", callback=finite, help="Minimum share of images whose top-1 matches fp32."
        ),
    ] = 0.995,
    objective: Annotated[
        str,
        typer.Option(
            metavar="|".join(OBJECTIVES),
            callback=one_of(OBJECTIVES, "--objective"),
            help="Images a second, or the latency of a single image.",
        ),
    ] = "throughput",
    reference: Reference = None,
    output: Annotated[str, typer.Option(metavar="FILE", help="Write the config to FILE.")] = "tuned.txt",
    force: Annotated[bool, typer.Option("--force", help="Replace an existing FILE.")] = False,
    plot: Annotated[
        str | None,
        typer.Option(metavar="FILE", callback=a_picture, help="Draw latency against throughput, as .png or .svg."),
    ] = None,
    json_file: JsonFile = None,
) -> None:
    """Find the fastest settings and write them as a config.txt.

    The search tries values of engine, precision, lanes, threads_per_lane, batch_size and decode on your images and this
    machine. A key set by -o is fixed. Settings that change too many results are refused.

    Ctrl-C ends the search early and writes the best so far; a second one stops at once.

    ppinfer tune -m models/efficientnet_lite0 photos/
    """
    config, given = config_of(config, model, override)
    with exit_codes("interrupted before anything was measured; nothing is written"):
        interrupt = FirstInterrupt()
        from ppinfer.config_values import load_config
        from ppinfer.measure.tune.config_writer import write_config
        from ppinfer.measure.tune.plot import check_plot, write_plot
        from ppinfer.measure.tune.report import as_json, command_again, comments
        from ppinfer.measure.tune.tuning import Goal
        from ppinfer.measure.tune.tuning import tune as search

        check_written_files({"--output": output, "--plot": plot, "--json": json_file}, replaced=("--output",))
        check_not_there(output, force=force)
        if plot is not None:
            check_plot(plot)
        say_notices(load_config(config, given).notices)
        goal = Goal("latency" if objective == "latency" else "throughput", min_agreement, seconds, reference)
        with steps() as on_step:
            plots = plot is not None
            found = search(config, given, folder, goal, plots=plots, on_sample=say_bad_images, on_step=on_step)
        interrupt.searching = False
        again = command_again(config, given, folder, goal, output)
        if found.chosen is not None:
            lines = comments(found, folder, config, again)
            write_config(output, config, given, found.chosen.candidate.keys(), lines)
        if json_file != "-":
            show(found, output)
        if json_file is not None:
            write_json(as_json(found, again), json_file)
        if plot is not None and (not found.interrupted or any(one.measured for one in found.outcomes)):
            write_plot(found, plot)
    if found.interrupted:
        raise typer.Exit(INTERRUPTED)
    raise typer.Exit(0 if found.chosen is not None else USAGE_CONFIG_OR_MODEL)


class FirstInterrupt:
    """The first Ctrl-C (or SIGTERM) ends the search, and the second one the process.

    When the search is over the first one does nothing: to write what was found takes a moment.
    """

    def __init__(self) -> None:
        self.searching = True
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, self)

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Be the handler of both signals."""
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_DFL)
        if self.searching:
            raise KeyboardInterrupt


def check_not_there(output: str, *, force: bool) -> None:
    """Refuse to replace a file without --force."""
    from ppinfer import Error

    if os.path.lexists(output) and not force:
        raise Error(f"--output {output}: exists already; --force replaces it, --output FILE writes another file")


def say_bad_images(sample: Sample) -> None:
    """Print the notices of the model and the images that can't be classified."""
    say_notices(sample.notices)
    say_left_out([(str(bad.path), f"{bad.error.stage}: {bad.error.message}") for bad in sample.bad if bad.error])


def show(found: Tuning, output: str) -> None:
    """Print the table and the result."""
    from ppinfer.measure.tune.report import COLUMNS, TEXT_COLUMNS, notes, rows, sentence, unavailable

    print_table(COLUMNS, rows(found), text=TEXT_COLUMNS)
    print(
        shown(
            "Rates without ± come from a short trial next to your own settings. "
            f"`same top-1` compares with {found.reference}."
        )
    )
    for line in unavailable(found):
        print(shown(line))
    for note in notes(found):
        say(f"note: {note}")
    print(shown(sentence(found)))
    if found.interrupted:
        known = "this is the best candidate so far" if found.chosen is not None else "nothing is written"
        say(f"interrupted: {known}")
    if found.chosen is not None:
        print(shown(f"written to {output}"))
