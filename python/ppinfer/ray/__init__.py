"""A folder job on a Ray cluster: one actor a node's CPUs, records as `ppinfer classify --format parquet` writes them.

Needs the extra `ray`: pip install 'ppinfer[ray]'.
"""

from __future__ import annotations

from ppinfer._core import Error
from ppinfer.extras import install_line

try:
    from ppinfer.ray.classification import classify, classify_inputs, records
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] not in ("ray", "pyarrow", "pandas", "fsspec"):
        raise
    raise Error(f"ppinfer.ray needs {(error.name or '').partition('.')[0]}: {install_line('ray')}") from error

__all__ = ["classify", "classify_inputs", "records"]
