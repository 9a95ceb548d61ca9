"""Tables, and the current step, on the terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from ppinfer.commands.failures import shown

PLAIN_WIDTH = 200  # columns of text where standard output is not a terminal


def print_table(headings: Sequence[str], rows: Sequence[Sequence[str]], *, text: Sequence[str]) -> None:
    """Print columns, as wide as the terminal; long cells fold.

    Args:
        headings: One a column.
        rows: Cells.
        text: Headings of the columns that hold text; the others hold numbers, which end at the right.
    """
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    is_terminal = sys.stdout.isatty()
    table = Table(box=SIMPLE_HEAD if is_terminal else None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in headings:
        table.add_column(heading, justify="left" if heading in text else "right", overflow="fold")
    for row in rows:
        table.add_row(*(Text(shown(cell)) for cell in row))
    if not is_terminal:
        print()
    Console(width=None if is_terminal else PLAIN_WIDTH).print(table)


@contextmanager
def steps() -> Iterator[Callable[[str], object]]:
    """Show the current step on standard error where that is a terminal. The block calls what it is given with each."""
    if not sys.stderr.isatty():
        yield lambda step: None
        return
    from rich.console import Console

    with Console(stderr=True).status("") as status:
        yield status.update
