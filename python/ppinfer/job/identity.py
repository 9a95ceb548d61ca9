"""What a resumed run must have the same, so that its records are those of a run that was never stopped."""

from __future__ import annotations

from collections.abc import Mapping

from ppinfer import _core
from ppinfer.hashing import sha256_of
from ppinfer.model_files import model_files


def identity_of(predictor: _core.Predictor, format: str, inputs: Mapping[str, str]) -> list[tuple[str, str]]:
    """List keys and values in a fixed order.

    Args:
        predictor: Makes the records.
        format: Of the records.
        inputs: What describes the inputs.

    Raises:
        ModelError: A file of the model can't be read any more.
    """
    values = {key: value for key, value, _ in predictor.config.effective}
    try:
        hashes = [(f"sha256 of {path.name}", sha256_of(path)) for path in model_files(values)]
    except OSError as error:  # it was there when it was loaded
        raise _core.ModelError(f"{error.filename}: {error.strerror}") from None
    return [("format", format), *hashes, *_core.record_identity(predictor), *inputs.items()]
