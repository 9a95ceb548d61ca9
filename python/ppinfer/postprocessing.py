"""From scores to results, without a model."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ppinfer import _core
from ppinfer.overrides import ConfigValue, encoded, to_given
from ppinfer.result import Result

if TYPE_CHECKING:
    from numpy.typing import NDArray


def postprocess(
    scores: NDArray[Any],
    /,
    *,
    op: str = "topk",
    labels: Sequence[str] = (),
    paths: Sequence[str | os.PathLike[str]] | None = None,
    **parameters: ConfigValue,
) -> list[Result]:
    """Make Results from scores, with the code that a Predictor uses for its model's scores.

    Args:
        scores: [images, classes] numbers; computed in float32, as models give them.
        op: "topk", "threshold", "multilabel", "person_attribute", "vehicle_attribute", "score" or "embedding": the
            config key `postprocess`.
        labels: Names of the classes in the order of their ids; may be empty.
        paths: Paths of the images, one for each row. `save_dir` copies these files.
        parameters: The config keys of postprocessing (`topk`, `threshold`, `softmax`, ...: `ppinfer config template`
            explains them), `label_path` and `label_delimiter`.

    Returns:
        One Result for each row. A row with NaN or infinity gives a Result with an `error`.

    Raises:
        ConfigError: A parameter is unknown, wrong, or without effect for this `op`; or the labels or the op don't fit
            the number of classes.
        ValueError: `scores` have another shape, or the number of paths differs from the number of rows.
        TypeError: `scores` aren't real numbers.

    >>> import numpy as np
    >>> from ppinfer import postprocess
    >>> [result] = postprocess(np.array([[0.25, 0.75]]), labels=["cat", "dog"], topk=1)
    >>> result.label_names, result.scores
    (('dog',), (0.75,))
    """
    array = np.asarray(scores)
    if array.ndim != 2 or array.shape[1] == 0:
        shape = "x".join(map(str, array.shape)) or "no dimensions"
        raise ValueError(f"scores are {shape}: expected [images, classes]")
    if array.dtype.kind not in "fiub":
        raise TypeError(f"scores are {array.dtype}: expected real numbers")
    with np.errstate(over="ignore"):  # what float32 can't hold is infinite, and so an error of its row
        array = np.ascontiguousarray(array, dtype=np.float32)
    if paths is not None and len(paths) != len(array):
        raise ValueError(f"{len(paths)} paths for scores of {len(array)} images: expected one each")
    return _core.postprocess(
        array,
        [b""] * len(array) if paths is None else [os.fsencode(path) for path in paths],
        [label.encode("utf-8", "surrogateescape") for label in labels],
        encoded(to_given({"postprocess": op, **parameters})),
    )
