"""What the commands share: their argument, their last line, their exit code."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from recipes.failure import RecipeError


def parser(description: str, *defaults: Path) -> argparse.ArgumentParser:
    """An argument parser that knows OUT_DIR and --force."""
    made = argparse.ArgumentParser(description=description)
    shown = " or ".join(_shown(default) for default in defaults)
    made.add_argument("out_dir", metavar="OUT_DIR", nargs="?", type=Path, help=f"default: {shown}")
    made.add_argument("--force", action="store_true", help="replace an existing folder")
    return made


def run(out: Path, make: Callable[[], bool]) -> int:
    """Exit code 0 when the folder is there, 1 with the reason on standard error when not."""
    try:
        made = make()
    except RecipeError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print(f"{_shown(out)} is made" if made else f"{_shown(out)} exists already; --force replaces it")
    return 0


def _shown(path: Path) -> str:
    """As short as it can be said from here."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
