"""Options that select the inputs of a command."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

if TYPE_CHECKING:
    from ppinfer.selection import InputSelection

GROUP = "Inputs"

ImagePaths: TypeAlias = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="PATH",
        show_default=False,
        help="Images, folders, archives (.tar, .tar.gz, .tar.bz2, .tar.xz, .tar.zst, .zip), a quoted pattern such as "
        "'photos/**/*.jpg', or - for one image on standard input.",
    ),
]
ListFile: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--list",
        metavar="FILE",
        rich_help_panel=GROUP,
        help="Read further paths from FILE, one a line; labels on a line are ignored. - is standard input.",
    ),
]
EndsInNul: TypeAlias = Annotated[
    bool,
    typer.Option("-0", "--null", rich_help_panel=GROUP, help="Paths in --list end in NUL, as from find -print0."),
]
Include: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--include",
        metavar="PATTERN",
        rich_help_panel=GROUP,
        help="Use only images that match PATTERN: '*.png', '2024/**/*.jpg', 'cats/'. Repeatable.",
    ),
]
Exclude: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--exclude",
        metavar="PATTERN",
        rich_help_panel=GROUP,
        help="Skip images and folders that match PATTERN. Repeatable.",
    ),
]
Shard: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--shard",
        metavar="I/N",
        rich_help_panel=GROUP,
        help="Use the I-th of N shards of the inputs, such as for N machines.",
    ),
]
Hidden: TypeAlias = Annotated[bool, typer.Option("--hidden", rich_help_panel=GROUP, help="Include hidden files.")]
NoFollowLinks: TypeAlias = Annotated[
    bool, typer.Option("--no-follow-links", rich_help_panel=GROUP, help="Skip symbolic links in folders.")
]


def selection_of(
    paths: list[str] | None,
    *,
    list_path: str | None,
    ends_in_nul: bool,
    include: list[str] | None,
    exclude: list[str] | None,
    shard: str | None,
    hidden: bool,
    no_follow_links: bool,
) -> InputSelection:
    """Make an InputSelection from the options, or raise BadParameter."""
    from ppinfer.selection import InputSelection

    if not paths and list_path is None:
        raise typer.BadParameter(
            "expected at least one image, folder or archive, or a --list of paths", param_hint="PATH"
        )
    if ends_in_nul and list_path is None:
        raise typer.BadParameter(
            "without a list; expected --list FILE, or --list - for standard input", param_hint="-0"
        )
    return InputSelection(
        paths=tuple(paths or ()),
        include=tuple(include or ()),
        exclude=tuple(exclude or ()),
        hidden=hidden,
        follow_links=not no_follow_links,
        shard=(1, 1) if shard is None else shard_of(shard),
        list_path=list_path,
        list_ends_in_nul=ends_in_nul,
    )


def shard_of(text: str) -> tuple[int, int]:
    """Part "i/n".

    >>> shard_of("2/8")
    (2, 8)
    """
    match = re.fullmatch(r"(\d{1,9})/(\d{1,9})", text, re.ASCII)
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise typer.BadParameter(
            f"{text}: expected I/N with I from 1 to N, such as 1/4 to 4/4 on four machines", param_hint="--shard"
        )
    return int(match[1]), int(match[2])
