"""The field table: what the core says of each config key. Lists of keys are made from it."""

from __future__ import annotations

from types import MappingProxyType

from ppinfer import _core

FIELDS = MappingProxyType({field.name: field for field in _core.config_fields()})
"""By the key's name, in the order in which keys are documented."""

NO_FILES = MappingProxyType({key: "" for key, field in FIELDS.items() if field.is_path and not field.names_input})
"""Keys that keep a model from leaving files behind."""


def is_path(key: str) -> bool:
    """Tell whether a key's value is a path.

    >>> is_path("label_path"), is_path("topk")
    (True, False)
    """
    return key in FIELDS and FIELDS[key].is_path
