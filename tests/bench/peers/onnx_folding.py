"""Take out of an ONNX file what doesn't depend on its input, by computing it once.

Swin's attention masks are made by assignments to slices of a constant. paddle2onnx writes those as loops over sequences
(SequenceMap), which OpenVINO can't read; ONNX Runtime can run them, and what they come to are plain constants.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def fold_constants(model: Any) -> None:
    """Replace, in an onnx.ModelProto, nodes that don't depend on an input by the values that they give."""
    import onnxruntime
    from onnx import ModelProto, ValueInfoProto, numpy_helper

    graph = model.graph
    varying = {value.name for value in graph.input} - {tensor.name for tensor in graph.initializer}
    fixed, rest = [], []
    for node in graph.node:  # in topological order, as ONNX demands
        is_fixed = varying.isdisjoint(_inputs(node)) and not node.op_type.startswith("Random")
        (fixed if is_fixed else rest).append(node)
        if not is_fixed:
            varying.update(node.output)
    computed = {name for node in fixed for name in node.output}
    outputs = [value.name for value in graph.output]
    needed = sorted(computed.intersection([*outputs, *(name for node in rest for name in _inputs(node))]))
    if not needed:
        return
    constant_part = ModelProto()
    constant_part.CopyFrom(model)
    for field in (constant_part.graph.node, constant_part.graph.input, constant_part.graph.output):
        del field[:]
    constant_part.graph.node.extend(fixed)
    constant_part.graph.output.extend(ValueInfoProto(name=name) for name in needed)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    values = onnxruntime.InferenceSession(constant_part.SerializeToString(), options).run(needed, {})
    del graph.node[:]
    graph.node.extend(rest)
    graph.initializer.extend(numpy_helper.from_array(v, name) for name, v in zip(needed, values, strict=True))


def _inputs(node: Any) -> Iterator[str]:
    """Names that a node reads, and that the graphs in it read."""
    yield from node.input
    for attribute in node.attribute:
        for inner in attribute.g.node:
            yield from _inputs(inner)
