"""Packages that only some commands need, and that come with an extra of ppinfer's."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec

from ppinfer._core import Error


def need(package: str, *, extra: str, purpose: str, module: str | None = None) -> str:
    """Say which version of a package is installed. `module` is what it is imported by, where that isn't its name.

    >>> need("numpy", extra="convert", purpose="this").count(".") >= 1
    True

    Raises:
        Error: It isn't. The message holds the line that installs it.
    """
    try:
        if find_spec(module or package) is not None:
            return version(package)
    except (PackageNotFoundError, ValueError):  # ValueError: the module was put away by hand
        pass
    raise Error(f"{purpose} needs {package}: {install_line(extra)}")


def install_line(extra: str) -> str:
    """Give the command that installs what an extra asks for, with the very versions.

    >>> install_line("quantize").startswith("pip install nncf")
    True
    """
    wanted = []
    for requirement in requires("ppinfer") or []:
        package, _, condition = requirement.partition(";")
        if condition.replace(" ", "").replace("'", '"') == f'extra=="{extra}"':
            wanted.append(package.strip())
    return " ".join(["pip install", *wanted]) if wanted else f"pip install 'ppinfer[{extra}]'"
