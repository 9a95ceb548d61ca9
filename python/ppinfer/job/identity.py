"""What a resumed run must have the same, so that its records are those of a run that was never stopped."""

from __future__ import annotations

from collections.abc import Mapping

from ppinfer import _core
from ppinfer.model_files import model_hashes


def identity_of(predictor: _core.Predictor, format: str, inputs: Mapping[str, str]) -> list[tuple[str, str]]:
    """List keys and values in a fixed order.

    Args:
        predictor: Makes the records.
        format: Of the records.
        inputs: What describes the inputs.

    Raises:
        ModelError: A file of the model can't be read any more.
    """
    hashes = [(f"sha256 of {name}", sha256) for name, sha256 in model_hashes(predictor.config.texts).items()]
    return [("program", "ppinfer"), ("format", format), *hashes, *_core.record_identity(predictor), *inputs.items()]
