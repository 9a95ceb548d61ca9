"""A Paddle model's two files under one stem, as Paddle and what reads its models take for granted."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def one_stem(model: str, params: str) -> Iterator[Path]:
    """Give a path of the model beside which its weights are by the same stem. It is gone after the block.

    Args:
        model: .pdmodel or .json. A file of another format, such as .onnx, is returned unchanged.
        params: The model's .pdiparams, in any folder and with any name.
    """
    ending = Path(model).suffix.lower()
    if ending not in (".pdmodel", ".json"):
        yield Path(model)
        return
    with tempfile.TemporaryDirectory(prefix="ppinfer-") as folder:
        named = Path(folder, "model").with_suffix(ending)
        named.symlink_to(Path(model).absolute())
        named.with_suffix(".pdiparams").symlink_to(Path(params).absolute())
        yield named
