"""The C++ core, converted and nothing more. Use `ppinfer.Predictor`."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias, TypedDict, type_check_only

import numpy as np
from numpy.typing import NDArray
from typing_extensions import Buffer

CoreResult: TypeAlias = tuple[
    str | None,
    tuple[int, ...],
    tuple[float, ...],
    tuple[str, ...],
    tuple[str, ...],
    tuple[int, ...],
    tuple[float, ...],
    tuple[str, str] | None,
]

@type_check_only
class Totals(TypedDict):
    images: int
    errors: int
    skipped: int
    wall_ms: float
    stage_ms: dict[str, float]

__version__: str

class Error(Exception): ...

class ConfigError(Error, ValueError):
    problems: Sequence[str]

class ModelError(Error): ...
class RuntimeFailure(Error): ...

class Config:
    @staticmethod
    def from_file(path: str | bytes, overrides: Sequence[tuple[str | bytes, str | bytes, str]]) -> Config: ...
    @staticmethod
    def from_overrides(overrides: Sequence[tuple[str | bytes, str | bytes, str]]) -> Config: ...
    @property
    def effective(self) -> list[tuple[str, str, str]]: ...
    @property
    def notices(self) -> list[str]: ...
    @property
    def lanes(self) -> int: ...
    @property
    def threads_per_lane(self) -> int: ...

class ImageInput:
    @staticmethod
    def from_path(path: str | bytes) -> ImageInput: ...
    @staticmethod
    def from_encoded(buffer: Buffer) -> ImageInput: ...
    @staticmethod
    def from_pixels(pixels: NDArray[np.uint8], *, bgr: bool) -> ImageInput: ...
    @staticmethod
    def unusable(reason: str) -> ImageInput: ...

class Predictor:
    def __init__(self, config: Config) -> None: ...
    def predict_one(self, image: ImageInput) -> CoreResult: ...
    def predict_many(self, images: Iterator[ImageInput]) -> list[CoreResult]: ...
    def classify_files(
        self, paths: Sequence[str | bytes], on_result: Callable[[CoreResult], object] | None
    ) -> list[CoreResult]: ...
    def write_records(
        self,
        paths: Sequence[str | bytes],
        output: str | bytes,
        format: str,
        on_progress: Callable[[int, int], object] | None,
    ) -> Totals: ...
    @property
    def notices(self) -> list[str]: ...
    @property
    def config(self) -> Config: ...
    @property
    def class_count(self) -> int: ...
    @property
    def labels(self) -> list[str]: ...
    @property
    def description(self) -> str: ...

def postprocess(
    scores: NDArray[np.float32],
    paths: Sequence[str | bytes],
    labels: Sequence[str | bytes],
    keys: Sequence[tuple[str | bytes, str | bytes, str]],
) -> list[CoreResult]: ...
def config_template() -> str: ...
def config_keys() -> list[str]: ...
def installed_engines() -> list[tuple[str, str, str]]: ...
def cpu_features() -> str: ...
