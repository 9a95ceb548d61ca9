"""The two forms in which Paddle saves an inference model: classic, and PIR of Paddle 3."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

ModelFormat = Literal["classic", "pir"]
MODEL_FILES: Mapping[ModelFormat, str] = {"classic": "inference.pdmodel", "pir": "inference.json"}
PARAMS_FILE = "inference.pdiparams"

_PIR_FLAG = "FLAGS_enable_pir_api"  # Paddle reads it once, while it is imported


def choose_format(model_format: ModelFormat) -> None:
    """Make this process save models in this form. Call it before anything imports paddle; RuntimeError if too late."""
    value = "1" if model_format == "pir" else "0"
    if "paddle" in sys.modules and os.environ.get(_PIR_FLAG, "1") != value:
        raise RuntimeError(f"paddle is already imported and can't save {MODEL_FILES[model_format]} any more")
    os.environ[_PIR_FLAG] = value


def forget_call_stacks(model: Path) -> None:
    """Remove from a classic model the call stacks that Paddle stores: they hold paths of the machine that made it."""
    import paddle

    if not model.is_file():
        return
    program = paddle.static.deserialize_program(model.read_bytes())
    for block in program.blocks:
        for operator in block.ops:
            if operator.has_attr("op_callstack"):
                operator._remove_attr("op_callstack")
    model.write_bytes(program.desc.serialize_to_string())
