"""What made the records of a file, as the file itself says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Provenance:
    """The model, the config and the shard that records were made of.

    >>> provenance = Provenance(version="1.0", config={"topk": "5"}, model_sha256={"inference.onnx": "ab"})
    >>> " ".join(key.removeprefix("ppinfer.") for key in sorted(provenance.metadata()))
    'config config_sha256 identity_sha256 model_sha256 shard version'
    """

    version: str
    config: Mapping[str, str]
    """Every key in effect."""
    model_sha256: Mapping[str, str]
    """Of each file of the model, by its name."""
    of_records: tuple[tuple[str, str], ...] = ()
    """Keys and values that affect records. The number of lanes, for example, does not."""
    shard: tuple[int, int] = (1, 1)
    """(i, n): the i-th of n parts of the inputs."""

    def metadata(self) -> dict[str, str]:
        """Give what a Parquet file's key-value metadata hold: dicts as JSON, the others as text.

        Shards of one run have the same `identity_sha256`.
        """
        config = json.dumps(dict(sorted(self.config.items())))
        model = json.dumps(dict(self.model_sha256))
        return {
            "ppinfer.version": self.version,
            "ppinfer.model_sha256": model,
            "ppinfer.config_sha256": _sha256(config),
            "ppinfer.config": config,
            "ppinfer.identity_sha256": _sha256(json.dumps([sorted(self.model_sha256.values()), self.of_records])),
            "ppinfer.shard": "{}/{}".format(*self.shard),
        }


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()
