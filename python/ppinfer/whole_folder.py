"""A folder that appears whole or not at all. It needs nothing that is built: tools/ use it before there is a core."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def whole_folder(out: Path) -> Iterator[Path]:
    """Give an empty folder to fill, which then takes the place of `out`; if the block raises, `out` stays unchanged.

    Temporary files may be put beside the given folder; they are removed at the end.

    Args:
        out: The new folder's resolved path; an existing folder is replaced.

    Raises:
        OSError: The disk doesn't take it.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.unfinished-") as work:
        made = Path(work) / "made"
        made.mkdir()
        yield made
        _put(made, out, Path(work) / "replaced")


def _put(made: Path, out: Path, replaced: Path) -> None:
    try:
        with suppress(FileNotFoundError):
            os.rename(out, replaced)
        os.rename(made, out)
    except BaseException:  # Ctrl-C between the two renames must keep the old folder
        if replaced.exists() and not out.exists():
            os.rename(replaced, out)
        raise
    shutil.rmtree(replaced, ignore_errors=True)
