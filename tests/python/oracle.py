"""PaddleClas' own deployment code, which several tests hold ppinfer against."""

from types import ModuleType

import pytest

from ppinfer.measure.compare.paddleclas import deployment_module


def oracle(name: str) -> ModuleType:
    """Give the module paddleclas/deploy/python/NAME.py; without it the test fails."""
    try:
        return deployment_module(name)
    except ModuleNotFoundError as error:
        pytest.fail(f"the oracle is missing ({error}): tools/test installs it")
