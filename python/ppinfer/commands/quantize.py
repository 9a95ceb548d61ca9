"""`ppinfer quantize`: a model in int8, calibrated with the user's own images."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ppinfer.commands.failures import exit_codes, say_left_out, say_notices, tell
from ppinfer.commands.options import (
    Model,
    OldKeys,
    OldOutput,
    Overrides,
    finite,
    one_of,
    output_and_overrides,
    overrides_of,
)
from ppinfer.commands.run_state import counted
from ppinfer.commands.written_file import JsonFile, check_written_file, write_json

if TYPE_CHECKING:
    from ppinfer.model.accuracy import Accuracy
    from ppinfer.model.quantization import Quantization

ENGINES = ("openvino", "paddle")
TELLING_IMAGES = 50  # of fewer a share says little


def quantize(
    paths: Annotated[
        list[str], typer.Argument(metavar="[MODEL] FOLDER", help="A config.txt or a model's folder or file; images.")
    ],
    output: Annotated[
        str | None, typer.Option("--output", metavar="OUT_DIR", help="The new model's folder. Required.")
    ] = None,
    model: Model = None,
    override: Overrides = None,
    engine: Annotated[
        str,
        typer.Option(metavar="|".join(ENGINES), callback=one_of(ENGINES, "--engine"), help="Which one shall run it."),
    ] = "openvino",
    samples: Annotated[
        int | None, typer.Option(min=1, help="Images to calibrate with; 300, or 3/5 of a smaller folder.")
    ] = None,
    holdout: Annotated[
        int | None, typer.Option(min=1, help="Other images, to judge by; 200, or what is left of a smaller folder.")
    ] = None,
    min_agreement: Annotated[
        float, typer.Option(min=0, max=1, callback=finite, help="Share of these that must have the answer of fp32.")
    ] = 0.95,
    labels: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Lines of `file class-id`; without it the folder's labels.txt."),
    ] = None,
    json_file: JsonFile = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace OUT_DIR, if ppinfer made it; keep a model that agrees less.")
    ] = False,
    old_output: OldOutput = None,
    old_keys: OldKeys = None,
) -> None:
    """Make an int8 model, calibrated with images of yours.

    Part of the images set the ranges of int8; others judge: if too few have the answer of fp32, nothing is kept.
    OUT_DIR is a model folder, ready to run. Take images that are like those to come, and at least some hundreds.

    ppinfer quantize -m model/ photos/ --output model_int8/

    ppinfer classify -m model_int8/ photos/
    """
    place, folder = split_paths(paths, model)
    out, overrides = output_and_overrides(output, override, old_output=old_output, old_keys=old_keys)
    given = overrides_of(overrides)
    with exit_codes("interrupted; nothing was kept"):
        from ppinfer.image_folder import list_pictures
        from ppinfer.model import quantization as room
        from ppinfer.model.calibration import split_of_folder
        from ppinfer.model.ground_truth import known_labels
        from ppinfer.model.model_folder import check_free
        from ppinfer.model.source import find_source

        source = find_source(place, given, say="-m" if model else "MODEL")
        say_notices(source.notices)
        check_written_file(json_file)
        check_free(Path(out), (*source.files, Path(folder)), force=force)
        room.check_format(source, engine)
        room.needed_packages(source, engine)
        known = known_labels(labels, folder, on_other_file=lambda note: say_notices([note]))
        split = split_of_folder(source, engine, list_pictures(folder), samples=samples, holdout=holdout)
        say_left_out(split.bad)
        try:
            done = room.quantize(
                source,
                out,
                split,
                engine=engine,
                labels=known,
                min_agreement=min_agreement,
                force=force,
                on_step=say_step,
            )
        except room.TooInaccurateError as error:
            if json_file != "-":
                print_table(error.accuracy)
            raise
    with exit_codes("interrupted; the model is kept"):
        if json_file != "-":
            print_table(done.accuracy, done.bytes_before, done.bytes_after)
        say_doubts(done, min_agreement, labels=len(known))
        tell(f"{done.model_file}; run it by: ppinfer classify -m {out}")
        if json_file is not None:
            write_json(done.as_dict(), json_file)


def split_paths(paths: list[str], model: str | None) -> tuple[str, str]:
    """Tell the model from the images."""
    expected = "MODEL FOLDER" if model is None else "FOLDER beside -m"
    if len(paths) != (2 if model is None else 1):
        raise typer.BadParameter(f"got {counted(len(paths), 'path')}, expected {expected}")
    return (paths[0] if model is None else model), paths[-1]


def say_step(step: str) -> None:
    """Tell what comes next, on a terminal only."""
    if sys.stderr.isatty():
        print(f"{step} ...", file=sys.stderr)


def print_table(found: Accuracy, *bytes_before_and_after: int) -> None:
    """Before and after."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column(f"{counted(found.images, 'held-out image')}")
    table.add_column("fp32", justify="right")
    table.add_column("int8", justify="right")
    table.add_row("answer of fp32", "", f"{found.agreement:.1%}")
    if found.labelled:
        right = [f"{count / found.labelled:.1%}" for count in (found.right_fp32, found.right_int8)]
        table.add_row(f"top-1 accuracy ({found.labelled} labelled)", *right)
    table.add_row("largest difference of scores", "", f"{found.largest_difference:.3g}")
    table.add_row("mean difference of scores", "", f"{found.mean_difference:.2g}")
    if bytes_before_and_after:
        table.add_row("size", *(f"{size / 1e6:.3g} MB" for size in bytes_before_and_after))
    Console().print(table)


def say_doubts(done: Quantization, min_agreement: float, *, labels: int) -> None:
    """Tell what the figures don't."""
    found = done.accuracy
    if found.agreement < min_agreement:
        say_notices([f"kept by --force: {found.agreement:.1%} is less than {min_agreement:.1%}"])
    if labels > 0 and found.labelled == 0:
        say_notices(
            [f"none of the {counted(labels, 'label')} is of a held-out image: files are relative to the folder"]
        )
    if found.images < TELLING_IMAGES:
        say_notices([f"{counted(found.images, 'image')} to judge by says little: take a larger folder"])
    elif found.answers == 1:
        say_notices(["fp32 has one answer for all held-out images, so that the agreement says little"])
