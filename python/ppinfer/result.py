"""What comes out: one Result an image, one Summary a run."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from ppinfer import _core

if TYPE_CHECKING:
    from ppinfer._core import CoreResult


@dataclass(frozen=True, slots=True)
class ImageError:
    """Why an image could not be classified.

    >>> ImageError("decode", "it is no image")
    ImageError(stage='decode', message='it is no image')
    """

    stage: str
    """Where it failed: "read", "decode", "preprocess", "infer" or "postprocess". Or "machine": the machine failed, for
    want of memory, say, and the image may be sound."""
    message: str


@dataclass(frozen=True, slots=True)
class Result:
    """What one image became.

    >>> result = Result("cat.jpg", class_ids=(281, 282), scores=(0.5, 0.25), label_names=("tabby", "tiger cat"))
    >>> result.status, result.label_names[0]
    ('ok', 'tabby')
    >>> result.to_dict()["scores"]
    [0.5, 0.25]
    """

    path: str | None
    """As given, or as found in a folder; `os.fsencode` gives back its very bytes. None when the input had no path."""
    class_ids: tuple[int, ...] = ()
    """Best first, at most `topk`; of postprocess `multilabel` ascending. Empty when there is an error."""
    scores: tuple[float, ...] = ()
    """One a class id, as the model gives them (float32); of postprocess `score` every class's, without ids."""
    label_names: tuple[str, ...] = ()
    """One a class id; empty when the config names no labels."""
    attributes: tuple[str, ...] = ()
    """Of postprocess `person_attribute` and `vehicle_attribute`: one text an attribute."""
    attribute_flags: tuple[int, ...] = ()
    """Of the same: 1 for each of the model's scores above its threshold, else 0."""
    embedding: tuple[float, ...] = ()
    """Of postprocess `embedding`: the model's vector, scaled to length 1 (float32)."""
    error: ImageError | None = None
    """Set: this image could not be classified, and why."""

    @property
    def status(self) -> Literal["ok", "error"]:
        """Whether there are classes or an error."""
        return "ok" if self.error is None else "error"

    def to_dict(self) -> dict[str, Any]:
        """Give what this image's line of JSON Lines output holds; scores in the shortest form that keeps float32."""
        if self.error is not None:
            error = {"stage": self.error.stage, "message": self.error.message}
            return {"path": self.path, "status": "error", "error": error}
        record: dict[str, Any] = {
            "path": self.path,
            "status": "ok",
            "class_ids": list(self.class_ids),
            "scores": [_shortest_float32(score) for score in self.scores],
            "label_names": list(self.label_names),
        }
        if self.attributes:
            record |= {"attributes": list(self.attributes), "attribute_flags": list(self.attribute_flags)}
        if self.embedding:
            record["embedding"] = [_shortest_float32(value) for value in self.embedding]
        return record

    @classmethod
    def from_core(cls, core_result: CoreResult) -> Result:
        """Make one of what the C++ core hands over."""
        path, class_ids, scores, label_names, attributes, attribute_flags, embedding, error = core_result
        return cls(
            path=path,
            class_ids=class_ids,
            scores=scores,
            label_names=label_names,
            attributes=attributes,
            attribute_flags=attribute_flags,
            embedding=embedding,
            error=ImageError(*error) if error else None,
        )


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run over many images did.

    >>> Summary(images=200, errors=3, skipped=0, wall_s=2.0).images_per_s
    100.0
    """

    images: int
    """Images with a record, bad ones among them."""
    errors: int
    """Of these images."""
    skipped: int
    """Files in folders and archives that were passed over: hidden, excluded, or not images."""
    wall_s: float
    """From the first image read to the last record written, seconds."""
    stage_s: dict[str, float] | None = None
    """Seconds a stage, summed over the lanes, so that the sum can exceed `wall_s`."""
    lanes: int = 0
    """That had a part in it."""
    machine_errors: int = 0
    """Of the errors: those at stage "machine"."""
    not_images: dict[str, int] = field(default_factory=dict)
    """Of the skipped files those that are not images, by name or content: counts by ending, "" for none."""
    notices: tuple[str, ...] = ()
    """What to know of the inputs: how the lines of a list were understood."""

    @property
    def images_per_s(self) -> float:
        """Throughput; 0 for a run without images."""
        return self.images / self.wall_s if self.wall_s > 0 else 0.0

    @property
    def skipped_in_words(self) -> str:
        """Say what was skipped; empty when nothing was.

        >>> Summary(images=0, errors=0, skipped=3, wall_s=0.1, not_images={".txt": 2}).skipped_in_words
        '3 files skipped: 1 hidden or excluded, 2 not images (2 .txt)'
        """
        return _core.skipped_in_words(self.skipped, self.not_images)

    @property
    def idle_s(self) -> float:
        """Seconds of no stage, summed over the lanes: they wait for an input, an engine or the writer."""
        return self.lanes * self.wall_s - sum((self.stage_s or {}).values())


def _shortest_float32(value: float) -> float:
    for digits in range(6, 9):
        short = float(f"{value:.{digits}g}")
        if struct.pack("f", short) == struct.pack("f", value):
            return short
    return float(f"{value:.9g}")  # always enough for float32
