"""Packages that only some commands need, and that come with an extra of ppinfer's."""

from __future__ import annotations

import re
import shlex
import sys
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
    limit = _first_python_without(package, extra)
    if limit is not None and sys.version_info >= limit:
        raise Error(f"{purpose} needs {package}, which exists only for Python before {limit[0]}.{limit[1]}")
    raise Error(f"{purpose} needs {package}: {install_line(extra)}")


def install_line(extra: str) -> str:
    """Return the command that installs an extra's packages in their required versions.

    >>> install_line("quantize").startswith("pip install nncf")
    True
    """
    wanted = [package for package, _ in _requirements(extra)]
    return " ".join(["pip install", *map(shlex.quote, wanted)]) if wanted else f"pip install 'ppinfer[{extra}]'"


def _first_python_without(package: str, extra: str) -> tuple[int, int] | None:
    for requirement, condition in _requirements(extra):
        found = re.search(r'python_version<"(\d+)\.(\d+)"', condition)
        if requirement.startswith(package) and found is not None:
            return int(found[1]), int(found[2])
    return None


def _requirements(extra: str) -> list[tuple[str, str]]:
    """What an extra asks for, and on which condition, without blanks."""
    found = []
    for requirement in requires("ppinfer") or []:
        package, _, condition = requirement.partition(";")
        condition = condition.replace(" ", "").replace("'", '"')
        if f'extra=="{extra}"' in condition:
            found.append((package.strip(), condition))
    return found
