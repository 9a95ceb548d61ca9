"""Save a Paddle network as an inference model, in the classic form or in Paddle 3's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ppinfer.model.export import MODEL_FILES, forget_call_stacks

if TYPE_CHECKING:
    import numpy.typing as npt
    import paddle
    from paddle import nn


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
