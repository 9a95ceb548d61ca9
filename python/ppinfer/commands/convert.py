"""`ppinfer convert`: a model in a format that another engine reads."""

from __future__ import annotations

from typing import Annotated

import typer

from ppinfer.commands.failures import counted, exit_codes, say_notices, shown, tell
from ppinfer.commands.options import OldKeys, OldOutput, Overrides, finite, one_of, output_and_overrides, overrides_of

FORMATS = ("onnx", "ir", "pdmodel")


def convert(
    source: Annotated[str, typer.Argument(metavar="MODEL", help="A model's folder, its file, or a config.txt.")],
    output: Annotated[
        str | None, typer.Option("--output", metavar="OUT_DIR", help="Write the new model to OUT_DIR. Required.")
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(
            metavar="|".join(FORMATS),
            callback=one_of(FORMATS, "--to"),
            help="Target format. Default: onnx for Paddle's models, ir for .onnx.",
        ),
    ] = None,
    override: Overrides = None,
    images: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="Check with these images in addition to random ones.")
    ] = None,
    tolerance: Annotated[
        float,
        typer.Option(min=0, callback=finite, help="Largest difference of scores, as a share of the largest score."),
    ] = 1e-4,
    force: Annotated[bool, typer.Option("--force", help="Replace OUT_DIR, if ppinfer made it.")] = False,
    old_output: OldOutput = None,
    old_keys: OldKeys = None,
) -> None:
    """Convert a model to another format.

    OUT_DIR is a model folder, ready to run: the model, its inference.yml, and a config.txt that says what it was made
    of. The new model is run beside the old one, and only kept when their scores agree.

    ppinfer convert exported_model/ --output converted/

    ppinfer classify -m converted/ photos/
    """
    out, overrides = output_and_overrides(output, override, old_output=old_output, old_keys=old_keys)
    given = overrides_of(overrides)
    with exit_codes("interrupted; nothing was written"):
        from ppinfer.image_folder import images_in_folder
        from ppinfer.model.conversion import convert as convert_model
        from ppinfer.model.source import find_source

        model = find_source(source, given, say="MODEL")
        say_notices(model.notices)
        pictures = images_in_folder(images, archives=True) if images is not None else []
        done = convert_model(model, out, to=to, images=pictures, tolerance=tolerance, force=force)
    print(
        shown(
            f"{done.model_file}: agrees with {model.model_file.name} on {counted(done.images, 'image')}, the scores "
            f"differ by {done.difference.largest:.2g} at most"
        )
    )
    tell(f"run it by: ppinfer classify -m {out}")
