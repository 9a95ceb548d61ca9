"""Paddle's plain executor, which judges every engine: neither oneDNN nor passes, each operation on its own."""

from pathlib import Path
from typing import Any

import numpy as np


def plain_predictor(model: Path) -> Any:
    """Load a .json (PIR) or .pdmodel with the .pdiparams beside it."""
    from paddle import inference

    config = inference.Config(str(model), str(model.with_suffix(".pdiparams")))
    config.disable_gpu()
    config.disable_mkldnn()
    config.switch_ir_optim(False)
    config.disable_glog_info()
    config.set_cpu_math_library_num_threads(1)
    if model.suffix == ".json":
        config.enable_new_ir(True)
        config.enable_new_executor(True)
    return inference.create_predictor(config)


def outputs(predictor: Any, tensor: np.ndarray) -> list[np.ndarray]:
    """Of the model's only input [N, ...], each as it comes."""
    given = predictor.get_input_handle(predictor.get_input_names()[0])
    given.reshape(tensor.shape)
    given.copy_from_cpu(tensor)
    predictor.run()
    return [predictor.get_output_handle(name).copy_to_cpu() for name in predictor.get_output_names()]
