"""Options that several subcommands share: which config, which model, which keys."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer
from typer.core import TyperCommand

if TYPE_CHECKING:
    from ppinfer.overrides import GivenKey

ConfigFile: TypeAlias = Annotated[
    str | None, typer.Option("-c", "--config", metavar="CONFIG", help="Read the config from CONFIG.")
]
Model: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "-m",
        "--model",
        "--model-dir",
        metavar="MODEL",
        help="Use this model file or folder, with the config.txt that `ppinfer convert` or `quantize` wrote in the "
        "folder.",
    ),
]
Overrides: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("-o", "--override", metavar="KEY=VALUE", help="Set one key of the config. Repeatable."),
]
Reference: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="CONFIG",
        help="Config or model folder that gives the reference results, instead of the same model at fp32; for "
        "quantised models.",
    ),
]


OldKeys: TypeAlias = Annotated[list[str] | None, typer.Option("-k", "--key", hidden=True)]
OldOutput: TypeAlias = Annotated[str | None, typer.Option("--out", hidden=True)]


def output_and_overrides(
    output: str | None,
    overrides: list[str] | None,
    *,
    old_output: str | None = None,
    old_keys: list[str] | None = None,
    default: str | None = None,
) -> tuple[str, list[str]]:
    """Accept the deprecated forms `-o PATH`, `--out` and `--key`, and print a notice.

    Raises:
        BadParameter: No output, or more than one.
    """
    from ppinfer.commands.failures import say_notices

    paths = [text for text in overrides or [] if "=" not in text]
    if paths:
        say_notices([f"`-o {paths[0]}` is deprecated: use `--output {paths[0]}`. `-o` sets config keys (KEY=VALUE)"])
    if old_output is not None:
        say_notices(["`--out` is deprecated: use `--output`"])
        paths.append(old_output)
    if old_keys:
        say_notices(["`-k` is deprecated: use `-o KEY=VALUE`"])
    outputs = [*([] if output is None else [output]), *paths]
    if len(outputs) > 1:
        raise typer.BadParameter(f"got {' and '.join(outputs)}, expected one output", param_hint="--output")
    if not outputs and default is None:
        raise typer.BadParameter("no output; expected --output PATH", param_hint="--output")
    return (outputs or [str(default)])[0], [*[text for text in overrides or [] if "=" in text], *(old_keys or [])]


def one_of(names: Sequence[str], flag: str) -> Callable[[str], str]:
    """Make the callback of an option that takes one of several names, and refuses others.

    >>> one_of(("text", "csv"), "--format")("csv")
    'csv'
    """

    def check(name: str) -> str:
        if name is not None and name not in names:  # None: an option that isn't given
            expected = f"{', '.join(names[:-1])} or {names[-1]}"
            raise typer.BadParameter(f"{name}: expected {expected}", param_hint=flag)
        return name

    return check


def finite(number: float | None) -> float | None:
    """Refuse, as the callback of an option, what a range lets through.

    >>> finite(0.5), finite(None)
    (0.5, None)
    """
    if number is not None and not math.isfinite(number):
        raise typer.BadParameter(f"{number}: expected a finite number")
    return number


class KeyHints(TyperCommand):
    """A command that explains flags which are config keys: `--topk 3`."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """Check the flags, then parse them."""
        known = {name for option in self.get_params(ctx) for name in option.opts}
        for position, argument in enumerate(args):
            if argument == "--":
                break
            flag = argument.partition("=")[0]
            if flag.startswith("--") and flag not in known and (hint := key_hint(args[position:])):
                raise typer.BadParameter(hint, ctx)
        return super().parse_args(ctx, args)


def key_hint(arguments: list[str]) -> str:
    """Explain how to set the key with the name of the first argument; empty: no such key.

    >>> key_hint(["--batch-size", "4", "cat.jpg"])
    'unknown flag --batch-size: keys are set by -o batch_size=4'
    >>> key_hint(["--nonsense"])
    ''
    """
    from ppinfer.config_fields import FIELDS

    flag, equals, value = arguments[0].partition("=")
    key = flag.lstrip("-").replace("-", "_")
    if key not in FIELDS:
        return ""
    if not equals:
        value = next((word for word in arguments[1:2] if not word.startswith("-")), "VALUE")
    return f"unknown flag {flag}: keys are set by -o {key}={value}"


def overrides_of(overrides: list[str] | None, *, flag: str = "-o") -> list[GivenKey]:
    """Split each `key=value` that was given by this flag."""
    given = []
    for override in overrides or []:
        key, equals, value = override.partition("=")
        if not equals or not key:
            raise typer.BadParameter(f"{override!r}: expected KEY=VALUE, such as topk=3", param_hint=flag)
        given.append((key, value, flag))
    return given


def _name_a_model(given: list[GivenKey]) -> bool:
    from ppinfer.config_fields import FIELDS

    return any(key in FIELDS and FIELDS[key].names_model for key, _, _ in given)


def config_of(config: str | None, model: str | None, overrides: list[str] | None) -> tuple[str | None, list[GivenKey]]:
    """Return the config and the keys that override it; refuse a command line without a model."""
    given = overrides_of(overrides)
    if model is not None:
        from ppinfer.config_values import place_of_model

        place, named = place_of_model(model, "-m")
        if place is not None and config is not None:  # CONFIG is to run the folder's model, whoever made that
            named = [("model_dir", model, "-m")]
        config = config or place
        given = [*named, *given]
    if config is None and not _name_a_model(given):
        raise typer.BadParameter("no config or model; expected -c CONFIG or -m MODEL")
    return config, given
