"""A config that is the YAML of PaddleClas' Python deployment, where a config.txt is to be made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ppinfer._core import Error

if TYPE_CHECKING:
    from ppinfer._core import Config

YAML_ENDINGS = (".yml", ".yaml")


def refuse_own_labels(config: str | None, loaded: Config) -> None:
    """Refuse the names of classes that only a YAML holds, as no config.txt can.

    Args:
        config: The file; None: there is none.
        loaded: What was read from it.

    Raises:
        Error: It holds them. The message says what to do.
    """
    if loaded.model_labels and loaded.effective["label_path"].layer == "file":
        raise Error(
            f"{config}: holds the names of the classes itself, which the config.txt to be written can't: put them into "
            "a file, one a line, and set label_path=FILE beside it"
        )
