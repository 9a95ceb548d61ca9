"""A job with all that its records can go into: what `ppinfer classify` and Predictor.write_records have in common."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ppinfer import _core
from ppinfer.job import JobOptions, JobSummary, run_job
from ppinfer.model_files import model_hashes
from ppinfer.outputs.outside import check_outside
from ppinfer.outputs.placing import How
from ppinfer.outputs.run_identity import RunIdentity
from ppinfer.outputs.sorting import BadImageMover, ClassSorter
from ppinfer.outputs.stores import make_store

if TYPE_CHECKING:
    from ppinfer._core import CoreResult, JobProgress
    from ppinfer.selection import InputSelection

MOVES = ".moves"


@dataclass(frozen=True, kw_only=True)
class Sorting:
    """Where image files go, beside the records.

    >>> Sorting(into="sorted").by
    'copy'
    """

    into: str | None = None
    """A folder that gets a folder a class, with the images of it."""
    by: How = "copy"
    """Or "hardlink", "symlink"."""
    move_errors: str | None = None
    """A folder that bad images are moved into, once all inputs have their records."""


@dataclass
class Sorted:
    """What became of image files.

    >>> Sorted().moved
    0
    """

    sorted: int = 0
    gone: int = 0
    """Images that weren't there any more when they were to be sorted."""
    moved: int = 0


@dataclass(frozen=True)
class Recorded:
    """What came of a job."""

    summary: JobSummary
    files: Sorted = field(default_factory=Sorted)


@dataclass(frozen=True)
class _Inputs:
    """What is selected, and where its files go: a resumed run that sorted otherwise would leave those before out."""

    selection: InputSelection
    sorting: Sorting

    def open(self) -> _core.ImageFiles:
        return self.selection.open()

    def describe(self) -> dict[str, str]:
        places = {"sort_into": self.sorting.into, "move_errors": self.sorting.move_errors}
        return {**self.selection.describe(), **{key: place or "" for key, place in places.items()}}


def record(
    core: _core.Predictor, selection: InputSelection, options: JobOptions, sorting: Sorting | None = None
) -> Recorded:
    """Classify what is selected, a record each, into any of the formats.

    Args:
        core: A loaded model.
        selection: The inputs.
        options: `store` is made here, of `format`.
        sorting: What else is to be done with the images.

    Raises:
        ConfigError: As run_job; or nothing is at any of the paths; or a format or a way of sorting isn't for this
            config or output.
        RuntimeFailure: As run_job; or a folder can't take an image.
        Error: A package is missing.
    """
    if os.fspath(options.output) != "-" or options.errors is not None:
        selection.check_any_is_there()
    sorting = sorting or Sorting()
    postprocess = {key: value for key, value, _ in core.config.effective}["postprocess"]
    output = os.fspath(options.output)
    store = make_store(
        options.format,
        output,
        postprocess=postprocess,
        vector_length=core.class_count,
        metadata=lambda: identity_of_run(core, selection.shard).metadata(),
    )
    for folder in (sorting.into, sorting.move_errors):
        check_outside(folder, selection.paths)
    sorter = None
    if sorting.into is not None:
        sorter = ClassSorter(sorting.into, sorting.by, labels=core.labels, postprocess=postprocess)
    with _mover(sorting.move_errors, output, force=options.force) as mover:
        takers: list[Callable[[list[CoreResult]], object]] = [
            taker.add for taker in (sorter, mover) if taker is not None
        ]
        if options.on_results is not None:
            takers.append(options.on_results)
        try:
            summary = run_job(
                core,
                _Inputs(selection, sorting),
                replace(options, store=store, on_results=_all_of(takers) if takers else None),
            )
        finally:
            if sorter is not None:
                sorter.close()
        if mover is not None and summary.ended == "complete":
            mover.finish()
        files = Sorted(
            sorted=sorter.sorted if sorter else 0, gone=sorter.gone if sorter else 0, moved=mover.moved if mover else 0
        )
    return Recorded(summary, files)


def identity_of_run(core: _core.Predictor, shard: tuple[int, int] = (1, 1)) -> RunIdentity:
    """Say what makes the records.

    Raises:
        ModelError: A file of the model can't be read any more.
    """
    config = {key: value for key, value, _ in core.config.effective}
    return RunIdentity(
        version=_core.__version__,
        config=config,
        model_sha256=model_hashes(config),
        of_records=tuple(_core.record_identity(core)),
        shard=shard,
    )


def max_errors_of(limit: int | str | None) -> tuple[int | None, float | None]:
    """Part a limit on errors into a number and a percentage of which one is set.

    >>> max_errors_of(20), max_errors_of("20"), max_errors_of("2.5%"), max_errors_of(None)
    ((20, None), (20, None), (None, 2.5), (None, None))

    Raises:
        ConfigError: It is neither.
    """
    if limit is None:
        return None, None
    text = str(limit)
    try:
        if text.endswith("%"):
            percent = float(text[:-1])
            if 0 <= percent <= 100:
                return None, percent
        elif int(text) >= 0:
            return int(text), None
    except ValueError:
        pass
    raise _core.ConfigError(f"max errors {text}: expected a number of images, such as 100, or a share of them, as 1%")


def counts_of(so_far: JobProgress) -> tuple[int, int]:
    """Give images and errors of all records so far, a stopped run's among them."""
    return so_far["done_before"] + so_far["images"], so_far["errors_before"] + so_far["errors"]


def _all_of(takers: Iterable[Callable[[list[CoreResult]], object]]) -> Callable[[list[CoreResult]], None]:
    def take(results: list[CoreResult]) -> None:
        for taker in takers:
            taker(results)

    return take


@contextmanager
def _mover(folder: str | None, output: str, *, force: bool) -> Iterator[BadImageMover | None]:
    """Make what moves bad images; its list is beside the output, or temporary where there is nothing to resume."""
    files = _core.job_files(os.fsencode(output))
    if folder is None:
        if force and files is not None and os.path.exists(files[0] + MOVES):
            os.unlink(files[0] + MOVES)  # of the run that is started over: nobody else would, and a later one obeys it
        yield None
        return
    if files is None:
        with tempfile.TemporaryDirectory(prefix="ppinfer-") as place:
            yield BadImageMover(folder, os.path.join(place, "moves"))
        return
    place, part, _ = files
    mover = BadImageMover(folder, place + MOVES)
    if force:
        mover.start_over()
    elif not os.path.exists(part):
        mover.finish()  # of a run that was killed just then
    try:
        yield mover
    finally:
        mover.close()
