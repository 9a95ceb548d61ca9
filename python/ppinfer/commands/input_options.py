"""Options that select the inputs of a command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

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
    paths: list[str] | None, *, include: list[str] | None, exclude: list[str] | None, shard: str | None, **more: Any
) -> InputSelection:
    """Make an InputSelection from the options, or raise BadParameter."""
    from ppinfer._core import InputSelection, parse_shard

    if not paths and more["list_path"] is None:
        raise typer.BadParameter(
            "expected at least one image, folder or archive, or a --list of paths", param_hint="PATH"
        )
    if more["list_ends_in_nul"] and more["list_path"] is None:
        raise typer.BadParameter(
            "without a list; expected --list FILE, or --list - for standard input", param_hint="-0"
        )
    return InputSelection(
        paths or (), include or (), exclude or (), shard=(1, 1) if shard is None else parse_shard(shard), **more
    )
