"""`ppinfer classify`: files and folders in, records out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import typer

from ppinfer.commands.failures import exit_codes, say_notices
from ppinfer.commands.options import ConfigFile, ModelDir, Overrides, need_config, overrides_of

if TYPE_CHECKING:
    from ppinfer.result import Summary


class Format(str, Enum):
    """Of the records."""

    text = "text"
    jsonl = "jsonl"
    csv = "csv"


def classify(
    paths: Annotated[list[str], typer.Argument(metavar="PATH", help="Images, and folders of them.")],
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
    given = overrides_of(model_dir, override)
    need_config(config, given)
    with exit_codes():
        from ppinfer import _core
        from ppinfer.predictor import load_config, write_records

        predictor = _core.Predictor(load_config(config, given))
        if not quiet:
            say_notices(predictor.notices)
        with progress(quiet or (output == "-" and sys.stdout.isatty())) as on_progress:
            summary = write_records(predictor, paths, output, format.value, on_progress)
    if not quiet:
        print(in_words(summary, output), file=sys.stderr)
    raise typer.Exit(1 if summary.errors else 0)


def in_words(summary: Summary, output: str) -> str:
    """Say what a run did."""
    text = f"{counted(summary.images, 'image')} in {summary.wall_s:.2f} s ({summary.images_per_s:.1f} images/s), "
    text += counted(summary.errors, "error")
    if summary.skipped:
        text += f", {counted(summary.skipped, 'file')} skipped (hidden, or no image's name)"
    return f"{text}; records {'on standard output' if output == '-' else f'in {output}'}"


def counted(count: int, noun: str) -> str:
    """Give a number with its noun.

    >>> counted(1, "image"), counted(2, "image")
    ('1 image', '2 images')
    """
    return f"{count} {noun}{'' if count == 1 else 's'}"


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
