"""Options of `ppinfer classify` for its outputs: records, sorted images, progress."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from ppinfer.commands.options import one_of

# Those of ppinfer.outputs, which would load the core.
FORMATS = ("text", "jsonl", "csv", "spreadsheet", "parquet", "npy")
WAYS = ("copy", "hardlink", "symlink")
STDOUT = "-"

RECORDS = "Records"
IMAGES = "Images"
WATCHING = "Watching it"

Output: TypeAlias = Annotated[
    str,
    typer.Option(
        metavar="FILE",
        rich_help_panel=RECORDS,
        help="Write records to FILE, which is replaced atomically at the end; until then, FILE.part has the records. "
        "- is standard output.",
    ),
]
Format: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="|".join(FORMATS),
        callback=one_of(FORMATS, "--format"),
        rich_help_panel=RECORDS,
        show_default="from FILE's extension, else text",
        help="Record format: text is for people; spreadsheet is CSV with ' in front of fields that a spreadsheet would "
        "run as formulas.",
    ),
]
Resume: TypeAlias = Annotated[
    bool, typer.Option("--resume", rich_help_panel=RECORDS, help="Resume a stopped run from its FILE.part.")
]
Force: TypeAlias = Annotated[
    bool, typer.Option("--force", rich_help_panel=RECORDS, help="Start over and delete the FILE.part of a stopped run.")
]
Errors: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="FILE", rich_help_panel=RECORDS, help="Also write the records of bad images to FILE."),
]
MaxErrors: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="N|P%",
        rich_help_panel=RECORDS,
        help="Stop with exit code 3 if more than N images fail, or more than P% after 100 images.",
    ),
]
SortInto: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="DIR", rich_help_panel=IMAGES, help="Put each image into DIR/LABEL, the folder of its top-1 class."
    ),
]
SortBy: TypeAlias = Annotated[
    str,
    typer.Option(
        metavar="|".join(WAYS),
        callback=one_of(WAYS, "--by"),
        rich_help_panel=IMAGES,
        help="Method of --sort-into; links take no space.",
    ),
]
MoveErrors: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="DIR",
        rich_help_panel=IMAGES,
        help="At the end, move images that can't be decoded into DIR: damaged images and unsupported formats.",
    ),
]
Report: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="FILE", rich_help_panel=WATCHING, help="Write an HTML page of the run to FILE."),
]
Quiet: TypeAlias = Annotated[
    bool,
    typer.Option(
        "-q", "--quiet", rich_help_panel=WATCHING, help="Print only errors, without notices, progress and summary."
    ),
]
Stats: TypeAlias = Annotated[
    bool, typer.Option("--stats", rich_help_panel=WATCHING, help="Print the time of each stage.")
]
LogJson: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        rich_help_panel=WATCHING,
        help="Append the run's events to FILE, one JSON object a line; - is standard output.",
    ),
]

Ray: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        rich_help_panel=RECORDS,
        help="Run on this Ray cluster: auto, HOST:PORT, or local for one of this machine's own. Records go into "
        "Parquet; PATH may be s3://bucket/photos, too.",
    ),
]
