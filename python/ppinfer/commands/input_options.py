"""Options that say which inputs a command takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

if TYPE_CHECKING:
    from ppinfer.selection import InputSelection

GROUP = "Which inputs"

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
        help="File of more paths, one a line. Labels on a line are ignored. - is standard input.",
    ),
]
EndsInNul: TypeAlias = Annotated[
    bool,
    typer.Option(
        "-0", "--null", rich_help_panel=GROUP, help="The paths of --list end in NUL, as find -print0 writes them."
    ),
]
Include: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--include",
        metavar="PATTERN",
        rich_help_panel=GROUP,
        help="Of what is found take only what matches: '*.png', '2024/**/*.jpg', 'cats/'. Repeatable.",
    ),
]
Exclude: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--exclude", metavar="PATTERN", rich_help_panel=GROUP, help="Leave out what matches, folders too. Repeatable."
    ),
]
Shard: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--shard", metavar="I/N", rich_help_panel=GROUP, help="The I-th of N parts of the inputs, as for N machines."
    ),
]
Hidden: TypeAlias = Annotated[
    bool, typer.Option("--hidden", rich_help_panel=GROUP, help="Names that begin with a dot, too.")
]
NoFollowLinks: TypeAlias = Annotated[
    bool, typer.Option("--no-follow-links", rich_help_panel=GROUP, help="Pass over symbolic links in folders.")
]


def selection_of(
    paths: list[str] | None, *, include: list[str] | None, exclude: list[str] | None, shard: str | None, **more: Any
) -> InputSelection:
    """Make a selection of the options, or say what is wrong with them."""
    from ppinfer._core import InputSelection, parse_shard

    if not paths and more["list_path"] is None:
        raise typer.BadParameter("name at least one image, folder or archive, or a --list of them", param_hint="PATH")
    if more["list_ends_in_nul"] and more["list_path"] is None:
        raise typer.BadParameter(
            "there is no list: expected --list FILE, or --list - for standard input", param_hint="-0"
        )
    return InputSelection(
        paths or (), include or (), exclude or (), shard=(1, 1) if shard is None else parse_shard(shard), **more
    )
