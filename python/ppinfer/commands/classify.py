"""`ppinfer classify`: files and folders in, records out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Annotated

import typer

from ppinfer.commands.failures import exit_codes
from ppinfer.commands.options import ConfigFile, ModelDir, Overrides, need_config, overrides_of


class Format(str, Enum):
    """Of the records."""

    text = "text"
    jsonl = "jsonl"
    csv = "csv"


def classify(
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Images, and folders of them.")],
    config: ConfigFile = None,
    model_dir: ModelDir = None,
    override: Overrides = None,
    format: Annotated[Format, typer.Option(help="Of the records.")] = Format.text,
    output: Annotated[str, typer.Option(metavar="FILE", help="Where records go; - is standard output.")] = "-",
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="No progress, no summary.")] = False,
) -> None:
    """Classify images: one record each, bad ones too, in the order given; folders recursive and sorted.

    ppinfer classify -m models/efficientnet_lite0 photos/
    """
    overrides = overrides_of(model_dir, override)
    need_config(config, overrides)
    with exit_codes():
        from ppinfer.predictor import Predictor

        records_on_terminal = output == "-" and sys.stdout.isatty()
        with Predictor(config, **overrides) as predictor, progress(quiet or records_on_terminal) as on_progress:
            summary = predictor.write_records(paths, output, format=format.value, on_progress=on_progress)
    if not quiet:
        skipped = f", {summary.skipped} other files skipped" if summary.skipped else ""
        print(
            f"{summary.images} images, {summary.errors} errors{skipped}, {summary.wall_s:.2f} s, "
            f"{summary.images_per_s:.1f} images/s",
            file=sys.stderr,
        )
    raise typer.Exit(1 if summary.errors else 0)


@contextmanager
def progress(off: bool) -> Iterator[Callable[[int, int], object] | None]:
    """Show a counter on standard error while it is a terminal."""
    if off or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    text = TextColumn("{task.completed} images, {task.fields[errors]} errors")
    with Progress(SpinnerColumn(), text, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("classify", total=None, errors=0)
        yield lambda images, errors: bar.update(task, completed=images, errors=errors)
