"""Expected failures as a message on standard error and an exit code, never a traceback."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import typer

SOME_IMAGES_FAILED = 1
USAGE_CONFIG_OR_MODEL = 2
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
        say(*(getattr(error, "problems", ()) or [str(error)]))
        raise typer.Exit(USAGE_CONFIG_OR_MODEL) from None
    except KeyboardInterrupt:
        say(interrupted)
        raise typer.Exit(INTERRUPTED) from None


def say_left_out(bad: Sequence[tuple[str, str]]) -> None:
    """Name images that can't be used, with what is wrong with each; a line each of the first."""
    say(*(f"left out: {path}: {reason}" for path, reason in bad[:MOST_BAD_IMAGES]))
    if len(bad) > MOST_BAD_IMAGES:
        say(f"left out: {len(bad) - MOST_BAD_IMAGES} more; --json names all")


def say_notices(notices: Iterable[str]) -> None:
    """Print what the config's author should know."""
    say(*(f"note: {notice}" for notice in notices))


def say(*lines: str) -> None:
    """Print lines to standard error, each after the program's name, except indented lines."""
    for line in lines:
        tell(line if line.startswith(" ") else f"ppinfer: {line}")


def counted(count: int, noun: str) -> str:
    """Give a number with its noun.

    >>> counted(1, "image"), counted(20000, "image")
    ('1 image', '20,000 images')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def tell(line: str) -> None:
    """Print a text as one line to standard error: line ends are escaped."""
    print(shown(line), file=sys.stderr)


def shown(text: str) -> str:
    r"""Spell out what a terminal would obey, and line ends: names of files may hold anything.

    >>> shown("caf\udce9\n\x1b[2J.jpg")
    'caf\\xe9\\n\\x1b[2J.jpg'
    """
    if text.isprintable():
        return text
    from ppinfer import _core

    try:
        return _core.shown(text.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:  # half a character that isn't a byte of a file's name either
        return _core.shown(text.encode("utf-8", "backslashreplace"))
