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
    str | None, typer.Option("-c", "--config", metavar="CONFIG", help="The config.txt to run by.")
]
ModelDir: TypeAlias = Annotated[
    str | None, typer.Option("-m", "--model-dir", metavar="FOLDER", help="Folder of an exported model.")
]
Overrides: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("-o", "--override", metavar="KEY=VALUE", help="Set a config key; wins over the file. Repeatable."),
]


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
        """Look at the flags, then parse as always."""
        known = {name for option in self.get_params(ctx) for name in option.opts}
        for position, argument in enumerate(args):
            if argument == "--":
                break
            flag = argument.partition("=")[0]
            if flag.startswith("--") and flag not in known and (hint := key_hint(args[position:])):
                raise typer.BadParameter(hint, ctx)
        return super().parse_args(ctx, args)


def key_hint(arguments: list[str]) -> str:
    """Say how the key that the first argument was meant for is set; empty: it is no key.

    >>> key_hint(["--batch-size", "4", "cat.jpg"])
    'unknown flag --batch-size: keys are set by -o batch_size=4'
    >>> key_hint(["--nonsense"])
    ''
    """
    from ppinfer import _core

    flag, equals, value = arguments[0].partition("=")
    key = flag.lstrip("-").replace("-", "_")
    if key not in _core.config_keys():
        return ""
    if not equals:
        value = next((word for word in arguments[1:2] if not word.startswith("-")), "VALUE")
    return f"unknown flag {flag}: keys are set by -o {key}={value}"


def overrides_of(model_dir: str | None, overrides: list[str] | None, *, flag: str = "-o") -> list[GivenKey]:
    """Split each `key=value` that was given by this flag."""
    given = [] if model_dir is None else [("model_dir", model_dir, "-m")]
    for override in overrides or []:
        key, equals, value = override.partition("=")
        if not equals or not key:
            raise typer.BadParameter(f"{override!r}: expected KEY=VALUE, such as topk=3", param_hint=flag)
        given.append((key, value, flag))
    return given


def need_config(config: str | None, given: list[GivenKey]) -> None:
    """Refuse a command line that names no model at all."""
    if config is None and not {key for key, _, _ in given} & {"model_dir", "cls_model_path"}:
        raise typer.BadParameter("say what to run: -c CONFIG, -m FOLDER or -o cls_model_path=FILE")
