"""`ppinfer classify`: files and folders in, records out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from ppinfer.commands.failures import USAGE_CONFIG_OR_MODEL, exit_codes, say_notices
from ppinfer.commands.options import ConfigFile, ModelDir, Overrides, need_config, one_of, overrides_of

if TYPE_CHECKING:
    from ppinfer.result import Summary


FORMATS = ("text", "jsonl", "csv")


def classify(
    paths: Annotated[list[str], typer.Argument(metavar="PATH", help="Images, and folders of them.")],
    config: ConfigFile = None,
    model_dir: ModelDir = None,
    override: Overrides = None,
    format: Annotated[
        str, typer.Option(metavar="|".join(FORMATS), callback=one_of(FORMATS, "--format"), help="Of the records.")
    ] = "text",
    output: Annotated[str, typer.Option(metavar="FILE", help="Where records go; - is standard output.")] = "-",
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="No progress, no summary.")] = False,
) -> None:
    """Classify images and write a record of each.

    Bad images have records too. All come in the order given; folders are searched with all folders in them, in the
    order of their names.

    ppinfer classify -m models/efficientnet_lite0 photos/
    """
    given = overrides_of(model_dir, override)
    need_config(config, given)
    with exit_codes("interrupted; the records so far are written"):
        from ppinfer import _core
        from ppinfer.predictor import load_config, write_records
        from ppinfer.selection import InputSelection

        predictor = _core.Predictor(load_config(config, given))
        if not quiet:
            say_notices(predictor.notices)
        with progress(quiet or (output == "-" and sys.stdout.isatty())) as on_progress:
            summary = write_records(predictor, InputSelection(paths=tuple(paths)), output, format, on_progress)
    if summary.images == 0:
        print(f"ppinfer: {no_images(paths, summary.skipped)}", file=sys.stderr)
        raise typer.Exit(USAGE_CONFIG_OR_MODEL)
    if not quiet:
        print(in_words(summary, output), file=sys.stderr)
    raise typer.Exit(1 if summary.errors else 0)


def no_images(paths: list[str], skipped: int) -> str:
    """Say that there was nothing to classify.

    >>> no_images(["a", "b"], 1)
    "no images in a, b: 1 file skipped (hidden, or no image's name)"
    """
    return f"no images in {', '.join(paths)}" + (f": {in_words_skipped(skipped)}" if skipped else "")


def in_words_skipped(skipped: int) -> str:
    """Say what was passed over."""
    return f"{counted(skipped, 'file')} skipped (hidden, or no image's name)"


def in_words(summary: Summary, output: str) -> str:
    """Say what a run did."""
    text = f"{counted(summary.images, 'image')} in {summary.wall_s:.2f} s ({summary.images_per_s:.1f} images/s), "
    text += counted(summary.errors, "error")
    if summary.skipped:
        text += f", {in_words_skipped(summary.skipped)}"
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
