"""The C++ core, converted and nothing more. Use `ppinfer.Predictor`."""

from collections.abc import Callable, Iterator, Sequence
from typing import Literal, Protocol, TypeAlias, TypedDict, type_check_only

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
    lanes: int
    wall_ms: float
    cpu_ms: float
    stage_ms: dict[str, float]

@type_check_only
class Rounds(Totals):
    round_ms: list[float]

@type_check_only
class JobProgress(Totals):
    of_other_shards: int
    done_before: int
    errors_before: int
    nothing_to_resume: bool

@type_check_only
class JobTotals(JobProgress):
    ended: Literal["complete", "max_errors", "interrupted"]

@type_check_only
class RecordStore(Protocol):
    def records(self) -> int: ...
    def cut(self, count: int, /) -> object: ...
    def write(self, results: list[CoreResult], /) -> object: ...
    def flush(self) -> object: ...
    def put_in_place(self) -> object: ...
    def abandon(self) -> object: ...

__version__: str

class Error(Exception): ...

class ConfigError(Error, ValueError):
    problems: Sequence[str]

class ModelError(Error): ...
class RuntimeFailure(Error): ...

class BadImageError(Error):
    stage: str
    message: str
    path: str | None
    index: int | None

class Config:
    @staticmethod
    def from_file(path: str | bytes, overrides: Sequence[tuple[str | bytes, str | bytes, str]]) -> Config: ...
    @staticmethod
    def from_overrides(overrides: Sequence[tuple[str | bytes, str | bytes, str]]) -> Config: ...
    @property
    def effective(self) -> list[tuple[str, str, str]]: ...
    @property
    def pipeline(self) -> list[tuple[str, str]]: ...
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

class ImageFiles:
    def __init__(
        self,
        paths: Sequence[str | bytes],
        *,
        include: Sequence[str | bytes] = [],
        exclude: Sequence[str | bytes] = [],
        hidden: bool = False,
        follow_links: bool = True,
        shard: tuple[int, int] = (1, 1),
        list_path: str | bytes = b"",
        list_ends_in_nul: bool = False,
    ) -> None: ...
    def __iter__(self) -> ImageFiles: ...
    def __next__(self) -> str: ...
    @property
    def skipped(self) -> int: ...
    @property
    def of_other_shards(self) -> int: ...

class Predictor:
    def __init__(self, config: Config) -> None: ...
    def predict_one(self, image: ImageInput) -> CoreResult: ...
    def predict_many(self, images: Iterator[ImageInput]) -> list[CoreResult]: ...
    def decode(self, image: ImageInput) -> NDArray[np.uint8]: ...
    def resize(self, image: ImageInput) -> NDArray[np.uint8]: ...
    def preprocess(self, image: ImageInput) -> NDArray[np.float32]: ...
    def logits_of_one(self, image: ImageInput) -> NDArray[np.float32]: ...
    def logits_of_many(self, images: Iterator[ImageInput]) -> NDArray[np.float32]: ...
    def classify_files(
        self, files: ImageFiles, on_result: Callable[[CoreResult], object] | None
    ) -> list[CoreResult]: ...
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

def count_images(
    paths: Sequence[str | bytes],
    *,
    include: Sequence[str | bytes] = [],
    exclude: Sequence[str | bytes] = [],
    hidden: bool = False,
    follow_links: bool = True,
    shard: tuple[int, int] = (1, 1),
    list_path: str | bytes = b"",
    list_ends_in_nul: bool = False,
) -> int: ...
def check_any_is_there(paths: Sequence[str | bytes], *, hidden: bool, follow_links: bool) -> None: ...
def has_image_ending(name: str | bytes) -> bool: ...
def decode(image: ImageInput, exif_rotate: bool, max_pixels: int | None) -> NDArray[np.uint8]: ...
def postprocess(
    scores: NDArray[np.float32],
    paths: Sequence[str | bytes],
    labels: Sequence[str | bytes],
    keys: Sequence[tuple[str | bytes, str | bytes, str]],
) -> list[CoreResult]: ...
def run_job(
    predictor: Predictor,
    files: ImageFiles,
    *,
    output: str | bytes,
    format: str,
    identity: Sequence[tuple[str | bytes, str | bytes]],
    resume: bool,
    force: bool,
    errors_path: str | bytes,
    max_errors: int,
    max_error_percent: float,
    store: RecordStore | None,
    on_results: Callable[[list[CoreResult]], object] | None,
    on_progress: Callable[[JobProgress], object] | None,
) -> JobTotals: ...
def format_told_by(output: str | bytes) -> str: ...
def record_identity(predictor: Predictor) -> list[tuple[str, str]]: ...
def job_files(output: str | bytes) -> tuple[str, str, str] | None: ...
def config_template() -> str: ...
def config_keys() -> list[str]: ...
def installed_engines() -> list[tuple[str, str, str]]: ...
def cpu_features() -> str: ...
def allowed_cpu_count() -> int: ...
def measure_rounds(predictor: Predictor, paths: Sequence[str | bytes], rounds: int, round_images: int) -> Rounds: ...
def measure_stages(predictor: Predictor, paths: Sequence[str | bytes], seconds: float) -> dict[str, float]: ...
