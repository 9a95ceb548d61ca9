"""Options of `ppinfer classify` that say where records and images go, and what shows meanwhile."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, TypeAlias, cast

import typer

from ppinfer.commands.apart import check_apart
from ppinfer.commands.options import one_of

if TYPE_CHECKING:
    from ppinfer.run import SortBy as Way

FORMATS = (
    "text",
    "jsonl",
    "csv",
    "spreadsheet",
    "parquet",
    "npy",
)  # of ppinfer.outputs.formats, which would load the core
WAYS = ("copy", "hardlink", "symlink")  # likewise
TEXT = "text"
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


@dataclass(frozen=True, kw_only=True)
class RecordOptions:
    """What these options came to."""

    output: str
    format: str | None
    resume: bool
    force: bool
    errors: str | None
    max_errors: str | None
    sort_into: str | None
    by: str
    move_errors: str | None
    report: str | None
    quiet: bool
    stats: bool
    log_json: str | None

    @property
    def is_stdout(self) -> bool:
        """Whether records go to standard output."""
        return self.output == STDOUT

    @property
    def how(self) -> Way:
        """`by`, which is one of WAYS."""
        return cast("Way", self.by)

    def check(self, *, list_path: str | None, config: str | None) -> None:
        """Refuse what doesn't go together, and files to write that are inputs."""
        if self.resume and self.force:
            raise typer.BadParameter("go on with --resume, or start over with --force, not both")
        if self.log_json == STDOUT and self.is_stdout:
            raise typer.BadParameter("records go to standard output: give --output FILE", param_hint="--log-json -")
        if self.by != WAYS[0] and self.sort_into is None:
            raise typer.BadParameter("says how --sort-into DIR does it, which isn't given", param_hint="--by")
        for flag, folder in (("--sort-into", self.sort_into), ("--move-errors", self.move_errors)):
            if folder == "":
                raise typer.BadParameter("expected the name of a folder, got an empty one", param_hint=flag)
        from ppinfer._core import clobbered_input

        written = {
            "--output": self.output,
            "--errors": self.errors,
            "--report": self.report,
            "--log-json": self.log_json,
        }
        check_apart(written)
        read = {"list_path": os.fsencode(list_path or ""), "config_path": os.fsencode(config or "")}
        for flag, path in written.items():
            if path is not None and (meant := clobbered_input(os.fsencode(path), **read)):
                raise typer.BadParameter(f"{path}: that is {meant}, expected a file to write", param_hint=flag)
