"""Expected failures as a message on standard error and an exit code, never a traceback."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import typer

SOME_IMAGES_FAILED = 1
USAGE_CONFIG_OR_MODEL = 2
TOO_MANY_ERRORS = 3
INTERRUPTED = 130
MOST_BAD_IMAGES = 10  # lines of them


@contextmanager
def exit_codes(interrupted: str = "interrupted") -> Iterator[None]:
    """Turn ppinfer's errors into exit code 2, Ctrl-C and SIGTERM into 130."""
    from ppinfer import Error

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except Error as error:
        say(str(error))
        raise typer.Exit(USAGE_CONFIG_OR_MODEL) from None
    except KeyboardInterrupt:
        say(interrupted)
        raise typer.Exit(INTERRUPTED) from None


def say_left_out(bad: Sequence[tuple[str, str]]) -> None:
    """Name images that can't be used, with what is wrong with each; a line each of the first."""
    for path, reason in bad[:MOST_BAD_IMAGES]:
        print(f"ppinfer: left out: {path}: {reason}", file=sys.stderr)
    if len(bad) > MOST_BAD_IMAGES:
        print(f"ppinfer: left out: {len(bad) - MOST_BAD_IMAGES} more; --json names all", file=sys.stderr)


def say(text: str) -> None:
    """Print lines, each with the name in front but for those that are set in."""
    for line in text.splitlines():
        print(line if line.startswith(" ") else f"ppinfer: {line}", file=sys.stderr)


def say_notices(notices: Iterable[str]) -> None:
    """Print what the config's author should know."""
    for notice in notices:
        print(f"ppinfer: note: {notice}", file=sys.stderr)
