"""Options of `ppinfer classify` that say where records and images go, and what shows meanwhile."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from ppinfer.commands.options import one_of

# Those of ppinfer.outputs, which would load the core.
FORMATS = ("text", "jsonl", "csv", "spreadsheet", "parquet", "npy")
WAYS = ("copy", "hardlink", "symlink")
STDOUT = "-"

RECORDS = "Records"
IMAGES = "What else becomes of the images"
WATCHING = "Watching it"

Output: TypeAlias = Annotated[
    str,
    typer.Option(
        metavar="FILE",
        rich_help_panel=RECORDS,
        help="Where records go; - is standard output. Until all are there it is FILE.part.",
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
    bool, typer.Option("--resume", rich_help_panel=RECORDS, help="Go on where a stopped run has left its records.")
]
Force: TypeAlias = Annotated[
    bool, typer.Option("--force", rich_help_panel=RECORDS, help="Start over, whatever a stopped run has left.")
]
Errors: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="FILE", rich_help_panel=RECORDS, help="Write the records of bad images here, too."),
]
MaxErrors: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="N|P%",
        rich_help_panel=RECORDS,
        help="Stop early, with exit code 3, when more images are bad, or from 100 images on a larger share of them.",
    ),
]
SortInto: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="DIR", rich_help_panel=IMAGES, help="Put each image into DIR/LABEL, of its best class."),
]
SortBy: TypeAlias = Annotated[
    str,
    typer.Option(
        metavar="|".join(WAYS),
        callback=one_of(WAYS, "--by"),
        rich_help_panel=IMAGES,
        help="How --sort-into does it; links take no space.",
    ),
]
MoveErrors: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="DIR",
        rich_help_panel=IMAGES,
        help="When all is done, move images into DIR that can't be decoded: damaged, or of a format that isn't read.",
    ),
]
Report: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="FILE", rich_help_panel=WATCHING, help="Make a page of the run: FILE.html, for a browser."),
]
Quiet: TypeAlias = Annotated[
    bool, typer.Option("-q", "--quiet", rich_help_panel=WATCHING, help="No progress, no summary.")
]
Stats: TypeAlias = Annotated[
    bool, typer.Option("--stats", rich_help_panel=WATCHING, help="Show where the time goes, stage by stage.")
]
LogJson: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        rich_help_panel=WATCHING,
        help="Add the run's events to FILE, one JSON object a line; - is standard output.",
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
