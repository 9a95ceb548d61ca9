"""The command `ppinfer`: one file a subcommand. The core is loaded only by what needs it, so that help is instant."""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
import traceback
from typing import Annotated, Any

import typer

from ppinfer.commands import config
from ppinfer.commands.benchmark import benchmark
from ppinfer.commands.classify import classify
from ppinfer.commands.compare import compare
from ppinfer.commands.convert import convert
from ppinfer.commands.failures import USAGE_CONFIG_OR_MODEL, exit_codes, say, shown, tell
from ppinfer.commands.options import KeyHints
from ppinfer.commands.quantize import quantize
from ppinfer.commands.report import report
from ppinfer.commands.standard_streams import occupy_standard_streams
from ppinfer.commands.tune import tune

UsageError = typer.BadParameter.__bases__[0]
"""Click's class; typer may have its own copy of Click."""

app = typer.Typer(
    name="ppinfer",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 all fine, 1 some images failed (their records say why), 2 wrong usage, config or model, or "
    "no images found, 3 too many errors, 130 interrupted, 141 the reader has closed the pipe.",
)
app.command(cls=KeyHints)(benchmark)
app.command(cls=KeyHints)(classify)
app.command(cls=KeyHints)(compare)
app.command()(convert)
app.command()(quantize)
app.command()(report)
app.command(cls=KeyHints)(tune)
app.add_typer(config.app, name="config")


def show_version(asked: bool) -> None:
    """Print the versions of ppinfer and its engines, as clas_system does."""
    if not asked:
        return
    with exit_codes():
        from ppinfer import _core

        print(f"ppinfer {_core.__version__}")
        engines = _core.installed_engines()
        for name, version, problem in engines:
            print(shown(problem or f"engine {name} {version}"))
        if not engines:
            print("no engine is installed")
        print(f"CPU features: {_core.cpu_features()}")
    raise typer.Exit


@app.callback()
def ppinfer(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            is_eager=True,
            callback=show_version,
            help="Print ppinfer's version and the engines', and exit.",
        ),
    ] = False,
) -> None:
    """Classify images with an exported model."""


def main() -> None:
    """Run the command line. `| head` ends the program without a message.

    An unexpected exception prints a traceback and exits with 2, because exit code 1 means that images failed.
    """
    occupy_standard_streams()
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    if isinstance(sys.stdout, io.TextIOWrapper):  # None where it is closed
        sys.stdout.reconfigure(errors="backslashreplace")  # as standard error: a path may have bytes that aren't text
    try:
        try:
            code = app(standalone_mode=False)
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()
        sys.exit(code if isinstance(code, int) else 0)
    except Exception as error:
        if isinstance(error, UsageError):
            usage: Any = error
            usage.message = "\n".join(map(shown, usage.message.split("\n")))
            usage.show()
        elif isinstance(error, OSError) and error.errno == errno.ENOSPC:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains once more as it ends
            say(f"{error.filename or 'standard output'}: {error.strerror}")
        elif sys.stderr is not None:  # closed: to print a traceback would be one more failure
            for line in traceback.format_exc().splitlines():
                tell(line)
        sys.exit(USAGE_CONFIG_OR_MODEL)
