"""Which formats a model can be converted from and to."""

from __future__ import annotations

from ppinfer._core import ModelError
from ppinfer.model.source import Source

TARGETS = {"onnx": "inference.onnx", "ir": "inference.xml", "pdmodel": "inference.pdmodel"}
"""What `--to` can say, and the file that it gives."""

# (from, to) -> the formats on the way there.
_WAYS = {
    ("pir", "onnx"): ("onnx",),
    ("pdmodel", "onnx"): ("onnx",),
    ("pir", "ir"): ("ir",),
    ("pdmodel", "ir"): ("ir",),
    ("onnx", "ir"): ("ir",),
}
_IN_WORDS = {"pir": "a PIR model (.json)", "pdmodel": "a .pdmodel", "onnx": ".onnx", "ir": "OpenVINO IR (.xml)"}
_NO_WAY = {
    ("pir", "pdmodel"): "Paddle translates .pdmodel to PIR and has no way back. Export the network again with "
    "FLAGS_enable_pir_api=0 in the environment",
    ("onnx", "pdmodel"): "Paddle has no importer of its own for it. Engine openvino runs .onnx as it is",
    ("ir", "onnx"): "OpenVINO reads ONNX and doesn't write it: convert what the .xml was made of",
    ("ir", "pdmodel"): "nothing reads it but OpenVINO: convert what the .xml was made of",
}


def way_to(source: Source, to: str | None) -> tuple[str, ...]:
    """Give the formats to go through, the last one is what was asked for.

    Args:
        source: What is converted.
        to: One of TARGETS; None: the format that engine openvino takes best of those that this model can have.

    Raises:
        ModelError: There is no way; the message says what can be done.
    """
    if to is None:
        to = "onnx" if source.format in ("pir", "pdmodel") else "ir"
    if source.format == to:
        raise ModelError(f"{source.model_file} is {_IN_WORDS[to]} already: there is nothing to convert")
    if (source.format, to) in _WAYS:
        return _WAYS[source.format, to]
    reason = _NO_WAY.get((source.format, to), f"expected {', '.join(_IN_WORDS.values())}")
    raise ModelError(f"{source.model_file} can't become {_IN_WORDS[to]}: {reason}")
