"""Options that several subcommands share: which config, which model, which keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

if TYPE_CHECKING:
    from ppinfer.overrides import GivenKey

ConfigFile: TypeAlias = Annotated[
    str | None, typer.Option("-c", "--config", metavar="CONFIG", help="The config.txt to run by.")
]
ModelDir: TypeAlias = Annotated[
    str | None, typer.Option("-m", "--model-dir", metavar="FOLDER", help="Folder of an exported model.")
]
Overrides: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("-o", "--override", metavar="KEY=VALUE", help="Set a config key; wins over the file. Repeatable."),
]


def overrides_of(model_dir: str | None, overrides: list[str] | None) -> list[GivenKey]:
    """Split each `key=value`."""
    given = [] if model_dir is None else [("model_dir", model_dir, "-m")]
    for override in overrides or []:
        key, equals, value = override.partition("=")
        if not equals or not key:
            raise typer.BadParameter(f"{override!r}: expected KEY=VALUE, such as topk=3", param_hint="-o")
        given.append((key, value, "-o"))
    return given


def need_config(config: str | None, given: list[GivenKey]) -> None:
    """Refuse a command line that names no model at all."""
    if config is None and not {key for key, _, _ in given} & {"model_dir", "cls_model_path"}:
        raise typer.BadParameter("say what to run: -c CONFIG, -m FOLDER or -o cls_model_path=FILE")
