"""Standard streams that whoever started the command has closed."""

from __future__ import annotations

import os
import sys


def occupy_standard_streams() -> None:
    """Take their numbers, or else the next file opened, such as a manifest, gets what is meant for them.

    What takes one can't be used as that stream, so that records which go there are an error, as before.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            taken = os.open(os.devnull, os.O_WRONLY if number == 0 else os.O_RDONLY)  # gets the lowest number
            os.set_inheritable(taken, True)
    if sys.stderr is None:  # print() takes that for standard output
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  for the life of the process
