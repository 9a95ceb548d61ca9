"""Image classification with exported models.

    from ppinfer import Predictor

    with Predictor("config.txt") as predictor:
        for result in predictor.predict(["cat.jpg", "dog.jpg"]):
            print(result.path, result.label_names, result.scores)

Names are loaded when they are first used, so that `import ppinfer` costs nothing.
"""

from __future__ import annotations

import os
from importlib import import_module
from threading import RLock, local
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ppinfer._core import BadImageError, ConfigError, Error, ModelError, RuntimeFailure, __version__
    from ppinfer.decoding import decode
    from ppinfer.postprocessing import postprocess
    from ppinfer.predictor import EffectiveValue, Predictor
    from ppinfer.result import ImageError, Result, RunSummary
    from ppinfer.selection import InputSelection

__all__ = [
    "BadImageError",
    "ConfigError",
    "EffectiveValue",
    "Error",
    "ImageError",
    "InputSelection",
    "ModelError",
    "Predictor",
    "Result",
    "RunSummary",
    "RuntimeFailure",
    "__version__",
    "decode",
    "postprocess",
]

_HOMES = {
    **dict.fromkeys(
        ("BadImageError", "ConfigError", "Error", "ModelError", "RuntimeFailure", "__version__"), "ppinfer._core"
    ),
    "decode": "ppinfer.decoding",
    "postprocess": "ppinfer.postprocessing",
    **dict.fromkeys(("EffectiveValue", "Predictor"), "ppinfer.predictor"),
    **dict.fromkeys(("ImageError", "Result", "RunSummary"), "ppinfer.result"),
    "InputSelection": "ppinfer.selection",
}


# A child that is forked while another thread imports a module waits for ever for that import. So fork() waits until
# names are loaded; not for ever, since an import may itself wait for the thread that forks.
_loading = RLock()
_LONGEST_WAIT_S = 10.0
_fork = local()


def _before_fork() -> None:
    _fork.has_lock = _loading.acquire(timeout=_LONGEST_WAIT_S)


def _after_fork() -> None:
    if _fork.has_lock:
        _loading.release()


os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'ppinfer' has no attribute {name!r}")
    with _loading:
        value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
