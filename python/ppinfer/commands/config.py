"""`ppinfer config`: look at a config without loading its model."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ppinfer.commands.failures import exit_codes
from ppinfer.commands.options import ConfigFile, ModelDir, Overrides, need_config, overrides_of

if TYPE_CHECKING:
    from ppinfer._core import Config

app = typer.Typer(no_args_is_help=True, help="Show, check or write a config.txt.")


@app.command()
def show(
    config: ConfigFile = None,
    model_dir: ModelDir = None,
    override: Overrides = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON: {key: {value, origin}}.")] = False,
) -> None:
    """Show every key's value and where it came from."""
    overrides = overrides_of(model_dir, override)
    need_config(config, overrides)
    with exit_codes():
        rows = load(config, overrides).effective
    if as_json:
        print(json.dumps({key: {"value": value, "origin": origin} for key, value, origin in rows}, indent=2))
        return
    key_width = max(len(key) for key, _, _ in rows)
    value_width = min(48, max(len(value) for _, value, _ in rows))
    for key, value, origin in rows:
        print(f"{key:{key_width}}  {value:{value_width}}  {origin}".rstrip())


@app.command()
def check(config: Annotated[str, typer.Argument(metavar="CONFIG", help="The config.txt to check.")]) -> None:
    """Check a config: "ok", or every problem found and exit code 2. The model itself isn't loaded."""
    with exit_codes():
        loaded = load(config, {})
    for notice in loaded.notices:
        print(f"ppinfer: note: {notice}", file=sys.stderr)
    print("ok")


@app.command()
def template() -> None:
    """Print a config.txt that holds every key with its default and what it means."""
    from ppinfer import _core

    print(_core.config_template(), end="")


def load(config: str | None, overrides: dict[str, str]) -> Config:
    """Parse and check; the model itself isn't touched."""
    from ppinfer import _core
    from ppinfer.overrides import to_pairs

    pairs = to_pairs(overrides)
    return _core.Config.from_overrides(pairs) if config is None else _core.Config.from_file(os.fsencode(config), pairs)
