"""`ppinfer compare`: where two configs, or ppinfer and PaddleClas, begin to differ."""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from ppinfer.commands.failures import USAGE_CONFIG_OR_MODEL, exit_codes, say, say_notices, shown
from ppinfer.commands.options import Overrides, overrides_of
from ppinfer.commands.written_file import check_written_file

if TYPE_CHECKING:
    from ppinfer.measure.compare import Comparison, OwnSide, Side

MOST_BAD_IMAGES = 10  # lines of them under the table; --json and --html have all


def compare(
    paths: Annotated[
        list[str], typer.Argument(metavar="A [B] FOLDER", help="Configs or model folders, and the images.")
    ],
    oracle: Annotated[
        str | None, typer.Option(metavar="paddleclas", help="In the place of B: PaddleClas' own Python code.")
    ] = None,
    override: Overrides = None,
    a_key: Annotated[list[str] | None, typer.Option("-a", metavar="KEY=VALUE", help="As -o, for A only.")] = None,
    b_key: Annotated[list[str] | None, typer.Option("-b", metavar="KEY=VALUE", help="As -o, for B only.")] = None,
    pixel_tolerance: Annotated[float, typer.Option(help="Largest difference of pixels, in levels, that is none.")] = 0,
    tensor_tolerance: Annotated[float, typer.Option(help="Largest difference of tensors that is none.")] = 1e-6,
    logits_tolerance: Annotated[
        float, typer.Option(help="Largest difference of logits, and of answers' scores, that is none.")
    ] = 1e-4,
    limit: Annotated[int | None, typer.Option(min=1, help="Compare so many images at most.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
    html: Annotated[str | None, typer.Option(metavar="FILE", help="Write a page with the pictures, too.")] = None,
) -> None:
    """Find the stage at which two configs begin to differ.

    Each image goes through both, stage by stage: decoded pixels, resized pixels, tensor, logits, top-k. Exit code 0:
    all agree, 1: something differs.

    ppinfer compare old.txt new.txt photos/

    ppinfer compare model/ model/ photos/ -b engine=paddle

    ppinfer compare config.txt photos/ --oracle paddleclas
    """
    names = check_arguments(paths, oracle)
    with exit_codes():
        import ppinfer.measure.compare as room

        check_written_file(html, "--html")
        a = own_side(names[0], keys_of(override, a_key))
        b = other_side(names[1] if oracle is None else None, override, b_key, a.keys)
        try:
            images = room.image_paths(names[-1], limit)
        except NotADirectoryError as error:
            raise typer.BadParameter(str(error)) from None
        if not images:
            say(f"no images in {names[-1]}")
            raise typer.Exit(USAGE_CONFIG_OR_MODEL)
        tolerances = room.Tolerances(tensor_tolerance, logits_tolerance, pixel_tolerance)
        found = room.compare(a, b, images, tolerances, progress(len(images)))
        if html is not None:
            write_page(found, a, b, html)
    if as_json:
        print(json.dumps(found.as_dict(), indent=2))
    else:
        print_table(found)
        print_bad_images(found)
        print(shown(verdict(found)))
    raise typer.Exit(0 if found.agrees else 1)


def check_arguments(paths: list[str], oracle: str | None) -> list[str]:
    """Refuse what can't be meant."""
    if oracle not in (None, "paddleclas"):
        raise typer.BadParameter(f"{oracle}: expected paddleclas", param_hint="--oracle")
    expected = "A B FOLDER" if oracle is None else "CONFIG FOLDER beside --oracle"
    if len(paths) != (3 if oracle is None else 2):
        raise typer.BadParameter(f"got {len(paths)} paths, expected {expected}")
    return paths


def keys_of(*overrides: list[str] | None) -> dict[str, str]:
    """Join the overrides of both sides and of one; later ones win."""
    return {key: value for given in overrides for key, value, _ in overrides_of(given)}


def own_side(config: str, keys: dict[str, str]) -> OwnSide:
    """Open a config of ppinfer's; what its author should know is said as `classify` says it."""
    from ppinfer.measure.compare import OwnSide

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        side = OwnSide(config, keys)
    say_notices(f"{config}: {notice}" for notice in side.predictor.notices)
    return side


def other_side(
    config: str | None, override: list[str] | None, b_key: list[str] | None, keys_of_a: dict[str, str]
) -> Side:
    """Make B."""
    from ppinfer.measure.compare.paddleclas import PaddleClasSide

    if config is not None:
        return own_side(config, keys_of(override, b_key))
    if b_key:
        raise typer.BadParameter("keys of B have no use beside --oracle", param_hint="-b")
    return PaddleClasSide(keys_of_a)


def progress(total: int) -> Callable[[int], object] | None:
    """Make the callback that shows how far it is, on a terminal only."""
    if not sys.stderr.isatty():
        return None
    return lambda done: print(f"\r{done} of {total} images", end="\n" if done == total else "", file=sys.stderr)


def write_page(found: Comparison, a: Side, b: Side, path: str) -> None:
    """Write the HTML page."""
    from ppinfer import Error
    from ppinfer.measure.compare import write_page as write

    try:
        write(found, a, b, verdict(found), path)
    except OSError as error:
        raise Error(f"{path}: {error.strerror}") from None


def verdict(found: Comparison) -> str:
    """Say in a sentence what was found.

    >>> from ppinfer.measure.compare import Comparison
    >>> verdict(Comparison("a", "b", images=3))
    'all 3 images agree at every stage'
    """
    bad = f", {len(found.bad)} of them bad on both sides" if found.bad else ""
    if found.agrees:
        return f"all {found.images} images agree at every stage{bad}"
    first = next(stage for stage in found.stages if stage.first_differences)
    reason = f" ({'; '.join(first.keys)})" if first.keys else ""
    return (
        f"{len(found.differences)} of {found.images} images differ{bad}, first at: {first.stage}{reason}; "
        f"the best class is another for {found.answers_differ}"
    )


def print_table(found: Comparison) -> None:
    """One line a stage."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading, justify in (("stage", "left"), ("images", "right"), ("first here", "right")):
        table.add_column(heading, justify=justify)  # type: ignore[arg-type]
    table.add_column("largest", justify="right", overflow="fold")
    table.add_column("worst image", overflow="fold")
    table.add_column("keys (A | B)", overflow="fold")
    for stage in found.stages:
        largest = stage.note or f"{stage.largest:.3g}"
        worst = os.path.basename(stage.worst or "")
        counts = (str(stage.compared), str(stage.first_differences))
        table.add_row(
            *(Text(shown(cell)) for cell in (stage.stage, *counts, largest, worst)),
            Text("\n".join(map(shown, stage.keys))),
        )
    Console(soft_wrap=False).print(table)


def print_bad_images(found: Comparison) -> None:
    """Tell what both sides refuse, and why; a line each."""
    for image in found.bad[:MOST_BAD_IMAGES]:
        print(shown(f"bad on both sides: {image.path}: {image.stage}: {image.reason}"))
    if len(found.bad) > MOST_BAD_IMAGES:
        print(f"bad on both sides: {len(found.bad) - MOST_BAD_IMAGES} more")
