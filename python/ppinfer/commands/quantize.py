"""`ppinfer quantize`: a model in int8, calibrated with the user's own images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ppinfer.commands.failures import counted, exit_codes, say_left_out, say_notices, tell
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
from ppinfer.commands.tables import print_table, steps
from ppinfer.commands.written_file import JsonFile, check_written_files, write_json

if TYPE_CHECKING:
    from ppinfer.model.accuracy import Accuracy

ENGINES = ("openvino", "paddle")


def quantize(
    paths: Annotated[
        list[str], typer.Argument(metavar="[MODEL] FOLDER", help="A config.txt or a model's folder or file; images.")
    ],
    output: Annotated[
        str | None, typer.Option("--output", metavar="OUT_DIR", help="Write the new model to OUT_DIR. Required.")
    ] = None,
    model: Model = None,
    override: Overrides = None,
    engine: Annotated[
        str,
        typer.Option(
            metavar="|".join(ENGINES), callback=one_of(ENGINES, "--engine"), help="Engine that will run the int8 model."
        ),
    ] = "openvino",
    samples: Annotated[
        int | None, typer.Option(min=1, help="Images for calibration; 300, or 3/5 of a smaller folder.")
    ] = None,
    holdout: Annotated[
        int | None,
        typer.Option(min=1, help="Other images for the comparison with fp32; 200, or the rest of a smaller folder."),
    ] = None,
    min_agreement: Annotated[
        float,
        typer.Option(min=0, max=1, callback=finite, help="Minimum share of test images whose top-1 matches fp32."),
    ] = 0.95,
    labels: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Read labels from FILE, with lines of `file class-id`. Default: the folder's labels.txt.",
        ),
    ] = None,
    json_file: JsonFile = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace OUT_DIR, if ppinfer made it; keep a model that agrees less.")
    ] = False,
    old_output: OldOutput = None,
    old_keys: OldKeys = None,
) -> None:
    """Make an int8 model, calibrated with your images.

    Some images calibrate the model, the others test it: the model is kept only if enough top-1 classes match fp32.
    OUT_DIR is a model folder, ready to run. Use a few hundred images that are typical of your data.

    ppinfer quantize -m model/ photos/ --output model_int8/

    ppinfer classify -m model_int8/ photos/
    """
    place, folder = split_paths(paths, model)
    out, overrides = output_and_overrides(output, override, old_output=old_output, old_keys=old_keys)
    given = overrides_of(overrides)
    with exit_codes("interrupted; no model was written"):
        from ppinfer.model import quantization
        from ppinfer.model.ground_truth import known_labels
        from ppinfer.model.source import find_source

        source = find_source(place, given, say="-m" if model else "MODEL")
        say_notices(source.notices)
        check_written_files({"--json": json_file})
        known = known_labels(labels, folder, on_other_file=lambda note: say_notices([note]))
        split = quantization.plan_split(
            source, folder, out, engine=engine, samples=samples, holdout=holdout, force=force
        )
        say_left_out(split.bad)
        try:
            with steps() as on_step:
                done = quantization.quantize(
                    source,
                    out,
                    split,
                    engine=engine,
                    labels=known,
                    min_agreement=min_agreement,
                    force=force,
                    on_step=on_step,
                )
        except quantization.TooInaccurateError as error:
            if json_file != "-":
                print_accuracy(error.accuracy)
            raise
    with exit_codes("interrupted; the model is kept"):
        if json_file != "-":
            print_accuracy(done.accuracy, done.bytes_before, done.bytes_after)
        say_notices(done.doubts(min_agreement, labels=len(known)))
        tell(f"{done.model_file}; run it by: ppinfer classify -m {out}")
        if json_file is not None:
            write_json(done.as_dict(), json_file)


def split_paths(paths: list[str], model: str | None) -> tuple[str, str]:
    """Separate the model from the images."""
    expected = "MODEL FOLDER" if model is None else "FOLDER beside -m"
    if len(paths) != (2 if model is None else 1):
        raise typer.BadParameter(f"got {counted(len(paths), 'path')}, expected {expected}")
    return (paths[0] if model is None else model), paths[-1]


def print_accuracy(found: Accuracy, *bytes_before_and_after: int) -> None:
    """Print the figures of fp32 and int8."""
    rows: list[tuple[str, ...]] = [("result of fp32", "", f"{found.agreement.share:.1%}")]
    if found.labelled:
        right = (f"{count / found.labelled:.1%}" for count in (found.right_fp32, found.right_int8))
        rows.append((f"top-1 accuracy ({found.labelled} labelled)", *right))
    rows.append(("largest difference of scores", "", f"{found.scores.largest:.3g}"))
    rows.append(("mean difference of scores", "", f"{found.scores.mean:.2g}"))
    if bytes_before_and_after:
        rows.append(("size", *(f"{size / 1e6:.3g} MB" for size in bytes_before_and_after)))
    images = counted(found.agreement.images, "held-out image")
    print_table((images, "fp32", "int8"), rows, text=(images,))
