"""A run with all that its records can go into: what `ppinfer classify` and Predictor.write_records have in common."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ppinfer import _core
from ppinfer.model_files import model_hashes
from ppinfer.outputs.formats import NPY_ROWS, output_writer
from ppinfer.outputs.outside import check_no_input_within, check_outside
from ppinfer.outputs.placing import How
from ppinfer.outputs.run_identity import RunIdentity
from ppinfer.outputs.sorting import BadImageMover, ClassSorter, Moves

if TYPE_CHECKING:
    from ppinfer.result import Result, RunSummary
    from ppinfer.selection import InputSelection

    TakeResults = Callable[[list[Result]], object]

MOVES = ".moves"


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """Where records and image files go, and what happens when a run is stopped.

    >>> RunOptions(output="answers.jsonl", resume=True).format
    'jsonl'
    """

    output: str | os.PathLike[str]
    """The file that has the records once all inputs have theirs, until then `OUTPUT.part` with `OUTPUT.manifest`; "-"
    is standard output. What is not a regular file (a pipe, a device) is written directly, and can't be resumed."""
    format: str = "jsonl"
    """One of outputs.formats.FORMATS."""
    resume: bool = False
    """Continue the records that a stopped run has left; where there was none, begin with the first input."""
    force: bool = False
    """Start over, whatever a stopped run has left."""
    errors: str | os.PathLike[str] | None = None
    """A file that the records of errors go to as well, in the same format (jsonl beside parquet and npy)."""
    max_errors: int | str | None = None
    """End early when there are more errors, or with "2%" a larger share of them from 100 images on. Those from before a
    resume count too."""
    sort_into: str | None = None
    """A folder that gets a folder a class, with the images of it."""
    sort_by: How = "copy"
    """Or "hardlink", "symlink"."""
    move_errors: str | None = None
    """A folder that images that can't be decoded are moved into, once all inputs have their records."""
    copy: str | None = None
    """Where the output is no file: a file that gets the records as JSON Lines, too."""
    on_progress: Callable[[RunSummary], object] | None = None
    """Called about every 100 ms, in the thread of the call, with the totals so far."""


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


def write_records(core: _core.Predictor, selection: InputSelection, options: RunOptions) -> tuple[RunSummary, Sorted]:
    """Classify what is selected, a record each, into any of the formats.

    A killed process loses what was in flight and no more; resumed, the run ends with the very output of one that was
    never stopped. Ctrl-C lets the images that are begun have their records, and the summary says "interrupted"; a
    second one raises KeyboardInterrupt.

    Args:
        core: A loaded model.
        selection: The inputs; the same ones when the run is resumed.
        options: Where records go, and the rest.

    Raises:
        ConfigError: Nothing is at any of the paths; the output, or the file for errors, is an input; a format or a way
            of sorting isn't for this config or output; a stopped run has left records, and `options` don't say what to
            do with them, or say to resume it and the model, the config, the format or an input is another one: the
            message names what has changed.
        RuntimeFailure: Another run has the output, it can't be written, or a folder can't take an image. What was done
            stays to be resumed.
        Error: A package is missing.
    """
    output = os.fspath(options.output)
    for name, path in {"output": output, "errors": options.errors}.items():
        refuse_input(name, path, selection.list_path)
    if output != "-" or options.errors is not None:
        selection.check_any_is_there()
    number, percent = max_errors_of(options.max_errors)
    postprocess = core.config.texts["postprocess"]
    write_output = output_writer(
        options.format,
        output,
        postprocess=postprocess,
        vector_length=core.class_count,
        metadata=lambda: identity_of_run(core, selection.shard).metadata(),
    )
    if options.format == "npy" and options.errors is not None and _is_same_name(options.errors, output + NPY_ROWS):
        raise _core.ConfigError(f"--errors {os.fspath(options.errors)}: {output} says there what its rows are of")
    for folder in (options.sort_into, options.move_errors):
        check_outside(folder, selection.paths)
    check_no_input_within(options.sort_into, selection.paths)
    sorter = None
    if options.sort_into is not None:
        sorter = ClassSorter(options.sort_into, options.sort_by, labels=core.labels, postprocess=postprocess)
    # A resumed run that sorted otherwise would leave out the images before.
    places = {"sort_into": options.sort_into, "move_errors": options.move_errors}
    identity = [(key.encode(), os.fsencode(place)) for key, place in places.items() if place is not None]
    with _mover(options.move_errors, _core.run_files(os.fsencode(output))) as mover:
        takers: list[TakeResults] = [taker.add for taker in (sorter, mover) if taker is not None]
        summary = _core.write_records(
            core,
            selection.open(),
            output=os.fsencode(output),
            format=options.format,
            identity=identity,
            copy_path=b"" if options.copy is None else os.fsencode(options.copy),
            resume=options.resume,
            force=options.force,
            errors_path=b"" if options.errors is None else os.fsencode(options.errors),
            max_errors=-1 if number is None else number,
            max_error_percent=-1.0 if percent is None else percent,
            write_output=write_output,
            on_progress=options.on_progress,
        )
    counts = (0, 0) if sorter is None else (sorter.sorted, sorter.gone)
    return summary, Sorted(*counts, Moves() if mover is None else mover.moves)


def refuse_input(name: str, path: str | os.PathLike[str] | None, list_path: str | None = None) -> None:
    """Refuse a file to write whose name is that of an input; `name` is what the caller calls it.

    Raises:
        ConfigError: It is an image's or an archive's name, or the list of images.
    """
    if path is None:
        return
    meant = _core.clobbered_input(os.fsencode(path), list_path=os.fsencode(list_path or ""))
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


def _all_of(takers: Iterable[TakeResults]) -> TakeResults:
    def take(results: list[Result]) -> None:
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
