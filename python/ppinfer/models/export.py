"""Save a Paddle network as an inference model, in the classic form or in Paddle 3's."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

if TYPE_CHECKING:
    import numpy.typing as npt
    import paddle
    from paddle import nn

ModelFormat = Literal["classic", "pir"]
MODEL_FORMATS: tuple[ModelFormat, ...] = get_args(ModelFormat)
MODEL_FILES: Mapping[ModelFormat, str] = {"classic": "inference.pdmodel", "pir": "inference.json"}
PARAMS_FILE = "inference.pdiparams"

_PIR_FLAG = "FLAGS_enable_pir_api"  # Paddle reads it once, while it is imported


def choose_format(model_format: ModelFormat) -> None:
    """Make this process save models in this form. Call it before anything imports paddle; RuntimeError if too late."""
    value = "1" if model_format == "pir" else "0"
    if "paddle" in sys.modules and os.environ.get(_PIR_FLAG, "1") != value:
        raise RuntimeError(f"paddle is imported already, so it can't save {MODEL_FILES[model_format]} any more")
    os.environ[_PIR_FLAG] = value


def export_network(
    make_network: Callable[[], nn.Layer],
    weights: Mapping[str, npt.NDArray[Any]],
    input_shape: Sequence[int],
    folder: str | Path,
) -> None:
    """Write inference.pdmodel or inference.json (`choose_format` decides) and inference.pdiparams into a folder.

    Args:
        make_network: builds the network; called once. It is saved as it runs in evaluation.
        weights: every parameter and buffer of the network, by name; ValueError if one lacks or is of another shape.
        input_shape: of the only input, float32, named `x`; the batch size, -1, leaves it open.
        folder: exists.
    """
    import paddle

    was_dynamic = paddle.in_dynamic_mode()
    paddle.enable_static()
    try:
        main, startup = paddle.static.Program(), paddle.static.Program()  # type: ignore[no-untyped-call]
        # A scope of its own: names of parameters count up from the same start each time.
        with (
            paddle.static.scope_guard(paddle.static.Scope()),  # type: ignore[attr-defined]
            paddle.utils.unique_name.guard(),
            paddle.static.program_guard(main, startup),
        ):
            x = paddle.static.data("x", list(input_shape), "float32")
            network = make_network()
            network.eval()
            output = network(x)
            executor = paddle.static.Executor(paddle.CPUPlace())
            executor.run(startup)
            _set_weights(network, weights)
            paddle.static.save_inference_model(str(Path(folder) / "inference"), [x], [output], executor, program=main)
            forget_call_stacks(Path(folder) / MODEL_FILES["classic"])
    finally:
        if was_dynamic:
            paddle.disable_static()


def forget_call_stacks(model: Path) -> None:
    """Take out of a classic model which lines of which files made it, which Paddle notes: the maker's own paths."""
    import paddle

    if not model.is_file():
        return
    program = paddle.static.deserialize_program(model.read_bytes())
    for block in program.blocks:
        for operator in block.ops:
            if operator.has_attr("op_callstack"):
                operator._remove_attr("op_callstack")
    model.write_bytes(program.desc.serialize_to_string())


def _set_weights(network: nn.Layer, weights: Mapping[str, npt.NDArray[Any]]) -> None:
    expected = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    given = {name: value.shape for name, value in weights.items()}
    if expected != given:
        wrong = sorted(name for name in {*expected, *given} if expected.get(name) != given.get(name))
        name = wrong[0]
        raise ValueError(
            f"{len(wrong)} weights don't fit the network; the first is {name}: expected shape {expected.get(name)}, "
            f"got {given.get(name)}"
        )
    network.set_state_dict(cast("dict[str, paddle.Tensor]", dict(weights)))  # arrays will do
