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
from ppinfer.outputs.formats import NPY_ROWS
from ppinfer.outputs.outside import check_no_input_within, check_outside
from ppinfer.outputs.placing import How
from ppinfer.outputs.run_identity import RunIdentity
from ppinfer.outputs.sorting import BadImageMover, ClassSorter, Moves
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
    """A folder that images that can't be decoded are moved into, once all inputs have their records."""


@dataclass
class Sorted:
    """What became of image files.

    >>> Sorted().moves.moved
    0
    """

    sorted: int = 0
    gone: int = 0
    """Images that weren't there any more when they were to be sorted."""
    moves: Moves = field(default_factory=Moves)


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
        ConfigError: As run_job; or nothing is at any of the paths; or the output, or the file for errors, is an input;
            or a format or a way of sorting isn't for this config or output.
        RuntimeFailure: As run_job; or a folder can't take an image.
        Error: A package is missing.
    """
    for name, path in {"output": options.output, "errors": options.errors}.items():
        refuse_input(name, path, selection.list_path)
    if os.fspath(options.output) != "-" or options.errors is not None:
        selection.check_any_is_there()
    sorting = sorting or Sorting()
    postprocess = core.config.texts["postprocess"]
    output = os.fspath(options.output)
    store = make_store(
        options.format,
        output,
        postprocess=postprocess,
        vector_length=core.class_count,
        metadata=lambda: identity_of_run(core, selection.shard).metadata(),
    )
    if options.format == "npy" and options.errors is not None and _is_same_name(options.errors, output + NPY_ROWS):
        raise _core.ConfigError(f"--errors {os.fspath(options.errors)}: {output} says there what its rows are of")
    for folder in (sorting.into, sorting.move_errors):
        check_outside(folder, selection.paths)
    check_no_input_within(sorting.into, selection.paths)
    sorter = None
    if sorting.into is not None:
        sorter = ClassSorter(sorting.into, sorting.by, labels=core.labels, postprocess=postprocess)
    files = _core.job_files(os.fsencode(output))
    with _mover(sorting.move_errors, files) as mover:
        takers: list[Callable[[list[CoreResult]], object]] = [
            taker.add for taker in (sorter, mover) if taker is not None
        ]
        if options.on_results is not None:
            takers.append(options.on_results)
        summary = run_job(
            core,
            _Inputs(selection, sorting),
            replace(
                options,
                store=store,
                on_results=_all_of(takers) if takers else None,
                on_begin=None if mover is None else mover.begin,
                on_complete=None if mover is None else mover.finish,
            ),
        )
    counts = (0, 0) if sorter is None else (sorter.sorted, sorter.gone)
    return Recorded(summary, Sorted(*counts, Moves() if mover is None else mover.moves))


def refuse_input(name: str, path: str | os.PathLike[str] | None, list_path: str | None = None) -> None:
    """Refuse a file to write whose name is that of an input; `name` is what the caller calls it.

    Raises:
        ConfigError: It is an image's or an archive's name, or the list of images.
    """
    if path is None:
        return
    meant = _core.mistaken_output(os.fsencode(path), list_path=os.fsencode(list_path or ""))
    if meant:
        raise _core.ConfigError(
            f"{name} {os.fspath(path)}: that is {meant}, expected a file for records, such as answers.jsonl"
        )


def identity_of_run(core: _core.Predictor, shard: tuple[int, int] = (1, 1)) -> RunIdentity:
    """Say what makes the records.

    Raises:
        ModelError: A file of the model can't be read any more.
    """
    config = core.config.texts
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


def _is_same_name(one: str | os.PathLike[str], other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


@contextmanager
def _mover(folder: str | None, files: tuple[str, str, str] | None) -> Iterator[BadImageMover | None]:
    """Make what moves bad images; its list is beside the output, or temporary where there is nothing to resume."""
    if folder is None:
        yield None
    elif files is None:
        with tempfile.TemporaryDirectory(prefix="ppinfer-") as place:
            yield BadImageMover(folder, os.path.join(place, "bad-images"))
    else:
        mover = BadImageMover(folder, files[0] + MOVES)
        try:
            yield mover
        finally:
            mover.close()
