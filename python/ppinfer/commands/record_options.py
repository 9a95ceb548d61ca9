"""Options of `ppinfer classify` for its outputs: records, sorted images, progress."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, TypeAlias, cast

import typer

from ppinfer.commands.apart import check_apart
from ppinfer.commands.options import one_of

if TYPE_CHECKING:
    from ppinfer.outputs.placing import How

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


@dataclass(frozen=True, kw_only=True)
class RecordOptions:
    """The values of these options."""

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
    def how(self) -> How:
        """`by`, which is one of WAYS."""
        return cast("How", self.by)

    def check(self, *, list_path: str | None, config: str | None) -> None:
        """Refuse options that exclude each other, and outputs that are inputs."""
        if self.resume and self.force:
            raise typer.BadParameter("expected one of --resume, to resume, and --force, to start over")
        if self.log_json == STDOUT and self.is_stdout:
            raise typer.BadParameter("records go to standard output: give --output FILE", param_hint="--log-json -")
        if self.by != WAYS[0] and self.sort_into is None:
            raise typer.BadParameter("needs --sort-into DIR", param_hint="--by")
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
