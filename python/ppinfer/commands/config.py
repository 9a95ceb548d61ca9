"""`ppinfer config`: show, check or write a config without running its model."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from ppinfer.commands.failures import exit_codes, say_notices, shown
from ppinfer.commands.options import ConfigFile, KeyHints, Model, Overrides, config_of

MAX_VALUE_WIDTH = 36

app = typer.Typer(no_args_is_help=True, help="Show, check or write a config.txt.")


@app.command(cls=KeyHints)
def show(
    config: ConfigFile = None,
    model: Model = None,
    override: Overrides = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON: {key: {value, origin, guessed}}.")] = False,
) -> None:
    """Show every key and the pipeline.

    Each key with its value and where that came from, then the operations that an image goes through. A value that
    changes the pixels and that neither a key nor the model states is marked as guessed.
    """
    config, given = config_of(config, model, override)
    with exit_codes():
        from ppinfer.config_values import load_config

        loaded = load_config(config, given)
    say_notices(loaded.notices)
    rows = loaded.effective.values()
    if as_json:
        content = {row.key: {"value": row.text, "origin": row.origin, "guessed": row.guessed} for row in rows}
        print(json.dumps(content, indent=2))
        return
    for line in table([(row.key, row.text, row.origin + (", guessed" if row.guessed else "")) for row in rows]):
        print(shown(line))
    print("\nPipeline:")
    pipeline = loaded.pipeline
    operation_width = max(len(step.operation) for step in pipeline)
    for step in pipeline:
        print(shown(f"  {step.operation:{operation_width}}  {step.parameters}".rstrip()))


def table(rows: list[tuple[str, str, str]]) -> list[str]:
    """Lay out keys, values and origins; the origin of a value that is too long stands below it.

    >>> table([("topk", "5", "default"), ("label_path", "", "default")])
    ['topk        5   default', 'label_path  ""  default']
    """
    filled = [(key, value or '""', origin) for key, value, origin in rows]
    key_width = max(len(key) for key, _, _ in filled)
    value_width = max((len(value) for _, value, _ in filled if len(value) <= MAX_VALUE_WIDTH), default=0)
    lines = []
    for key, value, origin in filled:
        lines.append(f"{key:{key_width}}  {value:{value_width}}")
        if len(value) > value_width:
            lines.append(" " * (key_width + 2 + value_width))
        lines[-1] += f"  {origin}"
    return lines


@app.command()
def check(config: Annotated[str, typer.Argument(metavar="CONFIG", help="The config.txt to check.")]) -> None:
    """Check a config.

    Prints "ok", or every problem found, with exit code 2. The model itself isn't loaded.
    """
    with exit_codes():
        from ppinfer.config_values import load_config

        loaded = load_config(config, [])
    say_notices(loaded.notices)
    print("ok")


@app.command()
def template() -> None:
    """Print a config.txt that explains every key."""
    from ppinfer import _core

    print(_core.config_template(), end="")
