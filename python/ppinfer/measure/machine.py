"""What a measurement was made on and with: without these, figures of two days can't be compared."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ppinfer import _core
from ppinfer.hashing import sha256_of
from ppinfer.model_files import model_files


def machine_facts() -> dict[str, Any]:
    """Describe this machine, and how busy it is now.

    >>> facts = machine_facts()
    >>> facts["allowed_cpus"] >= 1, facts["ram_bytes"] > 0
    (True, True)
    """
    return {
        "cpu": cpu_name(),
        "cpu_features": _core.cpu_features(),
        "cpus": os.cpu_count(),
        "allowed_cpus": _core.allowed_cpu_count(),
        "ram_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "kernel": platform.release(),
        "load_average": os.getloadavg()[0],
    }


def cpu_name() -> str:
    """Say what the processor calls itself; where it doesn't, its architecture."""
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
        name, colon, value = line.partition(":")
        if colon and name.strip() == "model name":
            return value.strip()
    return platform.machine()


def versions(engine: str) -> dict[str, str]:
    """Give ppinfer's version, Python's, and that of an engine's own library."""
    found = {name: version for name, version, _ in _core.installed_engines()}
    return {
        "ppinfer": _core.__version__,
        "engine": f"{engine} {found.get(engine, '')}".strip(),
        "python": platform.python_version(),
    }


def model_facts(values: dict[str, str]) -> list[dict[str, Any]]:
    """Give name, size and SHA-256 of each file of the model, by the config's values in effect.

    >>> [file["name"] for file in model_facts({"cls_model_path": "model.fake", "cls_params_path": ""})]
    ['model.fake']
    """
    paths = model_files(values)
    try:
        return [{"name": path.name, "bytes": path.stat().st_size, "sha256": sha256_of(path)} for path in paths]
    except OSError as error:  # it was there when it was loaded
        raise _core.ModelError(f"{error.filename}: {error.strerror}") from None


def image_facts(paths: Sequence[str]) -> dict[str, Any]:
    """Give the number and bytes of image files, and a digest of their names and sizes: are they the same as then?"""
    try:
        sizes = [os.path.getsize(path) for path in paths]
    except OSError as error:  # it was there when it was classified
        raise _core.Error(f"{error.filename}: {error.strerror}") from None
    names = "".join(f"{os.path.basename(path)}\0{size}\n" for path, size in zip(paths, sizes, strict=True))
    digest = hashlib.sha256(names.encode(errors="surrogateescape")).hexdigest()
    return {"count": len(paths), "bytes": sum(sizes), "sha256": digest}
