"""What the commands share: their argument, their last line, their exit code."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from recipes.failure import RecipeError


def parser(description: str, default: Path) -> argparse.ArgumentParser:
    """An argument parser that knows OUT_DIR and --force."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument("out_dir", metavar="OUT_DIR", nargs="?", type=Path, default=default, help=f"default: {default}")
    made.add_argument("--force", action="store_true", help="make it anew, whatever is there")
    return made


def run(out: Path, make: Callable[[], bool]) -> int:
    """Exit code 0 when the folder is there, 1 with the reason on standard error when it can't be made."""
    try:
        made = make()
    except RecipeError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"{out} is made" if made else f"{out} is there already; --force makes it anew")
    return 0
