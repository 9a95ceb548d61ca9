"""`ppinfer compare`: where two configs, or ppinfer and PaddleClas, begin to differ."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Annotated

import typer

from ppinfer.commands.failures import exit_codes, say_notices, shown
from ppinfer.commands.options import Overrides, finite, overrides_of
from ppinfer.commands.tables import print_table, steps
from ppinfer.commands.written_file import check_written_files

if TYPE_CHECKING:
    from ppinfer.measure.compare.differences import Comparison
    from ppinfer.measure.compare.sides import OwnSide

MOST_BAD_IMAGES = 10  # lines of them under the table; --json and --html have all


def compare(
    paths: Annotated[
        list[str],
        typer.Argument(metavar="A [B] FOLDER", help="One or two configs or model folders, then the folder of images."),
    ],
    oracle: Annotated[
        str | None, typer.Option(metavar="paddleclas", help="Compare with PaddleClas' own Python code instead of B.")
    ] = None,
    override: Overrides = None,
    a_key: Annotated[list[str] | None, typer.Option("-a", metavar="KEY=VALUE", help="As -o, for A only.")] = None,
    b_key: Annotated[list[str] | None, typer.Option("-b", metavar="KEY=VALUE", help="As -o, for B only.")] = None,
    pixel_tolerance: Annotated[
        float,
        typer.Option(min=0, callback=finite, help="Largest difference of pixels that counts as equal."),
    ] = 0,
    tensor_tolerance: Annotated[
        float, typer.Option(min=0, callback=finite, help="Largest difference of tensors that counts as equal.")
    ] = 1e-6,
    logits_tolerance: Annotated[
        float,
        typer.Option(
            min=0, callback=finite, help="Largest difference of logits, and of results' scores, that counts as equal."
        ),
    ] = 1e-4,
    limit: Annotated[int | None, typer.Option(min=1, help="Compare at most N images.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    html: Annotated[str | None, typer.Option(metavar="FILE", help="Write an HTML page with pictures.")] = None,
) -> None:
    """Find the first stage at which two configs differ.

    Each image goes through both, stage by stage: decoded pixels, resized pixels, tensor, logits, top-k. Exit code 0:
    all agree, 1: something differs.

    ppinfer compare old.txt new.txt photos/

    ppinfer compare model/ model/ photos/ -b engine=paddle

    ppinfer compare config.txt photos/ --oracle paddleclas
    """
    check_arguments(paths, oracle, b_key)
    with exit_codes():
        from ppinfer.image_folder import images_in_folder
        from ppinfer.measure.compare.differences import compare as compare_sides
        from ppinfer.measure.compare.paddleclas import PaddleClasSide
        from ppinfer.measure.compare.page import write_page
        from ppinfer.measure.compare.stages import Tolerances

        check_written_files({"--html": html})
        a = own_side(paths[0], keys_of(override, a_key))
        b = own_side(paths[1], keys_of(override, b_key)) if oracle is None else PaddleClasSide(a.keys)
        images = images_in_folder(paths[-1], limit=limit)
        tolerances = Tolerances(tensor_tolerance, logits_tolerance, pixel_tolerance)
        with steps() as on_step:
            found = compare_sides(a, b, images, tolerances, on_step)
        if html is not None:
            write_page(found, a, b, html)
    if as_json:
        print(json.dumps(found.as_dict(), indent=2))
    else:
        print_stages(found)
        print_bad_images(found)
        print(shown(found.verdict))
    raise typer.Exit(0 if found.agrees else 1)


def check_arguments(paths: list[str], oracle: str | None, b_key: list[str] | None) -> None:
    """Refuse a wrong number of arguments."""
    if oracle not in (None, "paddleclas"):
        raise typer.BadParameter(f"{oracle}: expected paddleclas", param_hint="--oracle")
    expected = "A B FOLDER" if oracle is None else "CONFIG FOLDER with --oracle"
    if len(paths) != (3 if oracle is None else 2):
        raise typer.BadParameter(f"got {len(paths)} paths, expected {expected}")
    if oracle is not None and b_key:
        raise typer.BadParameter("keys of B have no effect with --oracle", param_hint="-b")


def keys_of(*overrides: list[str] | None) -> dict[str, str]:
    """Join the overrides of both sides and of one; later ones win."""
    return {key: value for given in overrides for key, value, _ in overrides_of(given)}


def own_side(config: str, keys: dict[str, str]) -> OwnSide:
    """Open a config, and print its notices."""
    from ppinfer.measure.compare.sides import OwnSide

    side = OwnSide(config, keys)
    say_notices(f"{config}: {notice}" for notice in side.predictor.notices)
    return side


def print_stages(found: Comparison) -> None:
    """Print a line for each stage."""
    headings = ("stage", "images", "first here", "largest", "worst image", "keys (A | B)")
    rows = [
        (
            stage.stage,
            str(stage.compared),
            str(stage.first_differences),
            stage.note or f"{stage.largest:.3g}",
            os.path.basename(stage.worst or ""),
            "; ".join(stage.keys),
        )
        for stage in found.stages
    ]
    print_table(headings, rows, text=("stage", "worst image", "keys (A | B)"))


def print_bad_images(found: Comparison) -> None:
    """List the images that both sides refuse, each with its reason."""
    for image in found.bad[:MOST_BAD_IMAGES]:
        print(shown(f"bad on both sides: {image.path}: {image.stage}: {image.reason}"))
    if len(found.bad) > MOST_BAD_IMAGES:
        print(f"bad on both sides: {len(found.bad) - MOST_BAD_IMAGES} more")
