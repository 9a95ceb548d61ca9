"""Classify images on a Ray cluster: one actor a node, the records of `ppinfer classify --format parquet`.

Needs the extra `ray`: pip install 'ppinfer[ray]'.
"""

from __future__ import annotations

from ppinfer._core import Error
from ppinfer.extras import install_line

try:
    from ppinfer.ray.classification import classify, classify_inputs, records
except ModuleNotFoundError as error:
    package = (error.name or "").partition(".")[0]
    if package not in ("ray", "pyarrow", "pandas", "fsspec"):
        raise
    raise Error(f"ppinfer.ray needs {package}: {install_line('ray')}") from error

__all__ = ["classify", "classify_inputs", "records"]
