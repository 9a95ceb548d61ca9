"""What made the records of a file, as the file itself says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class RunIdentity:
    """The model and the config, to be known again.

    >>> identity = RunIdentity(version="1.0", config={"topk": "5"}, model_sha256={"inference.onnx": "ab"})
    >>> sorted(identity.metadata())
    ['ppinfer.config', 'ppinfer.config_sha256', 'ppinfer.model_sha256', 'ppinfer.version']
    """

    version: str
    config: Mapping[str, str]
    """Every key in effect."""
    model_sha256: Mapping[str, str]
    """Of each file of the model, by its name."""

    def metadata(self) -> dict[str, str]:
        """Give what a Parquet file's key-value metadata hold: the version and a hash as text, the others as JSON."""
        config = json.dumps(dict(sorted(self.config.items())))
        return {
            "ppinfer.version": self.version,
            "ppinfer.model_sha256": json.dumps(dict(self.model_sha256)),
            "ppinfer.config_sha256": hashlib.sha256(config.encode(errors="surrogateescape")).hexdigest(),
            "ppinfer.config": config,
        }
