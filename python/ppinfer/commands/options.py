"""Options that several subcommands share: which config, which model, which keys."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

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


def overrides_of(model_dir: str | None, overrides: list[str] | None) -> dict[str, str]:
    """Split each `key=value`; a key given twice has its last value."""
    values = {} if model_dir is None else {"model_dir": model_dir}
    for override in overrides or []:
        key, equals, value = override.partition("=")
        if not equals or not key:
            raise typer.BadParameter(f"{override!r}: expected KEY=VALUE, such as topk=3", param_hint="-o")
        values[key] = value
    return values


def need_config(config: str | None, overrides: dict[str, str]) -> None:
    """Refuse a command line that names no model at all."""
    if config is None and not overrides.keys() & {"model_dir", "cls_model_path"}:
        raise typer.BadParameter("say what to run: -c CONFIG, -m FOLDER or -o cls_model_path=FILE")
