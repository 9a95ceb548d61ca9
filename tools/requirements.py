"""Prints requirements that stand in pyproject.toml, one a line: `build`, `runtime`, or an extra's or group's name."""

import sys
from pathlib import Path

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10; this runs before anything is installed
    from pip._vendor import tomli as tomllib


def requirements(group: str) -> list[str]:
    pyproject = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8"))
    if group == "build":
        return pyproject["build-system"]["requires"]
    if group == "runtime":
        return pyproject["project"]["dependencies"]
    extras = pyproject["project"]["optional-dependencies"] | pyproject["dependency-groups"]
    if group not in extras:
        sys.exit(f"pyproject.toml has no extra {group!r}; it has {', '.join(extras)}")
    return extras[group]


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print("\n".join(requirements(name)))
