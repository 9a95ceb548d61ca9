"""From what a user says to the core's Config, and its values back."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import NamedTuple

from ppinfer import _core
from ppinfer.overrides import GivenKey, encoded


class EffectiveValue(NamedTuple):
    """A config key's value, as config.txt would hold it, and where it came from.

    >>> EffectiveValue("5", "default").origin
    'default'
    """

    value: str
    origin: str
    """ "default", "inference.yml", "config.txt:12", "-o", ..."""


def config_error(problem: str) -> _core.ConfigError:
    """Make the error of one problem."""
    error = _core.ConfigError(problem)
    error.problems = [problem]
    return error


def load_config(config: str | os.PathLike[str] | None, given: Iterable[GivenKey]) -> _core.Config:
    """Parse and check; the model itself isn't touched."""
    keys = encoded(given)
    return _core.Config.from_overrides(keys) if config is None else _core.Config.from_file(os.fsencode(config), keys)
