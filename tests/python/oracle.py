"""PaddleClas' own deployment code, which several tests hold ppinfer against."""

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


def oracle(name: str) -> ModuleType:
    """Give the module paddleclas/deploy/python/NAME.py.

    The packages around it are stood in for by empty ones of their names: their own code imports far more than these
    modules need, and than we install.
    """
    found = importlib.util.find_spec("paddleclas")
    if found is None or (found.origin is None and "paddleclas" not in sys.modules):
        pytest.fail("the oracle is missing: pip install --no-deps paddleclas==2.6.0 (tools/test does it)")
    if "paddleclas" not in sys.modules:
        folder = Path(str(found.origin)).parent
        for package in ("paddleclas", "paddleclas.deploy", "paddleclas.deploy.python"):
            module = ModuleType(package)
            module.__path__ = [str(folder.joinpath(*package.split(".")[1:]))]
            module.__spec__ = importlib.util.spec_from_loader(package, None, is_package=True)
            sys.modules[package] = module
    return importlib.import_module(f"paddleclas.deploy.python.{name}")
