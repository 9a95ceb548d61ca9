"""Config keys given as Python values, as the text that config.txt would hold."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from ppinfer._core import Error
from ppinfer.config_fields import is_path

Scalar: TypeAlias = "str | bool | int | float | os.PathLike[str]"
ConfigValue: TypeAlias = "Scalar | list[Scalar] | tuple[Scalar, ...]"
GivenKey: TypeAlias = tuple[str, str, str]
"""Key, value, and what messages call it by: "-o", "-m" or "argument"."""


def to_text(key: str, value: object) -> str:
    """Write one value as config.txt has it. NumPy's scalars and arrays are fine too.

    >>> to_text("mean", [0.5, 0.5, 0.5])
    '0.5,0.5,0.5'
    >>> to_text("use_gpu", False)
    '0'

    Raises:
        TypeError: The value is of a type that no key can have.
    """
    if not isinstance(value, (str, bool, int, float, list, tuple)) and hasattr(value, "tolist"):
        value = value.tolist()  # numpy, without importing it
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, float):  # numpy.float64 too, whose own repr names its type
        return repr(float(value))
    if isinstance(value, (str, os.PathLike)):
        path = os.fspath(value)
        return os.fsdecode(path)
    if isinstance(value, (list, tuple)):
        return ",".join(to_text(key, element) for element in value)
    raise TypeError(
        f"{key}: got {value!r} ({type(value).__name__}): expected a str, bool, int, float or path, or a list of these"
    )


def quoted(value: str) -> str:
    """Write a value so that config.txt reads it again as it is.

    >>> quoted("cat.jpg"), quoted("a #1")
    ('cat.jpg', '"a #1"')

    Raises:
        Error: It has a line break, or both kinds of quotes where quotes are needed.
    """
    plain = value and value == value.strip() and value[0] not in "\"'#=:" and not re.search(r"\s#", value)
    if plain and "\n" not in value:
        return value
    quote = next((quote for quote in "\"'" if quote not in value), None)
    if quote is None or "\n" in value:
        raise Error(f"{value!r}: no config.txt can hold this value: rename the file or folder")
    return f"{quote}{value}{quote}"


def to_given(arguments: Mapping[str, object]) -> list[GivenKey]:
    """Make of keyword arguments what the core takes.

    >>> to_given({"topk": 3})
    [('topk', '3', 'argument')]
    """
    return [(key, to_text(key, value), "argument") for key, value in arguments.items()]


def encoded(given: Iterable[GivenKey]) -> list[tuple[bytes, bytes, str]]:
    """Make bytes of names and values, so that any path survives.

    >>> encoded([("topk", "3", "-o")])
    [(b'topk', b'3', '-o')]
    """
    return [(os.fsencode(key), os.fsencode(value), given_by) for key, value, given_by in given]


def with_absolute_paths(overrides: Mapping[str, object]) -> dict[str, object]:
    """Make overrides mean the same in another working directory.

    >>> with_absolute_paths({"model_dir": "/models/a", "topk": 3})
    {'model_dir': '/models/a', 'topk': 3}
    """
    return {
        key: os.path.abspath(os.fspath(value))
        if is_path(key) and isinstance(value, (str, os.PathLike)) and value
        else value
        for key, value in overrides.items()
    }
