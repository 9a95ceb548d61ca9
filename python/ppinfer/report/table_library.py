"""DataTables, the library of the page's list, from the Python package that carries it."""

from __future__ import annotations

import re
from importlib.metadata import version
from importlib.resources import files

from ppinfer._core import Error
from ppinfer.extras import need

PACKAGE = "itables"
_EXPORTS = re.compile(r"\bexport\s*\{([^{}]*)\}\s*;?")
_DEFAULT = re.compile(r"([\w$]+)\s+as\s+default\b")


def need_table_library() -> None:
    """Say so if the library isn't installed; for those who want to know before a long run.

    Raises:
        Error: It isn't, with the line that installs it.
    """
    need(PACKAGE, extra="report", purpose="a report")


def table_library() -> str:
    """Give the library's script, which leaves it as `window.DataTable`. Its styles aren't needed: the page has its own.

    It is a module with one export statement. A module within a page can't be imported by another, so the default
    export becomes a global name.
    """
    need_table_library()
    folder = files(PACKAGE) / "html"
    try:
        script = (folder / "dt_bundle.js").read_text(encoding="utf-8")
    except OSError as error:
        raise _unknown_version() from error
    exports = list(_EXPORTS.finditer(script))
    default = _DEFAULT.search(exports[-1][1]) if exports else None
    if default is None:
        raise _unknown_version()
    return script[: exports[-1].start()] + f"window.DataTable={default[1]};" + script[exports[-1].end() :]


def _unknown_version() -> Error:
    return Error(
        f"{PACKAGE} {version(PACKAGE)} lacks DataTables in the expected form: install the version from `pip install "
        "'ppinfer[report]'`"
    )
