"""Runs with every output format, for `ppinfer classify` and Predictor.write_records."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from ppinfer import _core
from ppinfer.model_files import model_hashes
from ppinfer.outputs.formats import NPY_ROWS, output_writer
from ppinfer.outputs.provenance import Provenance

if TYPE_CHECKING:
    from ppinfer.result import Result, RunSummary
    from ppinfer.selection import InputSelection

    TakeResults = Callable[[list[Result]], object]

SortBy: TypeAlias = Literal["copy", "hardlink", "symlink"]


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """Where records and image files go, and what happens when a run is stopped.

    >>> RunOptions(output="answers.jsonl", resume=True).format
    'jsonl'
    """

    output: str | os.PathLike[str]
    """The output file. During the run, the records are in `OUTPUT.part`, beside `OUTPUT.manifest`. "-" is standard
    output. What is not a regular file (a pipe, a device) is written directly, and can't be resumed."""
    format: str = "jsonl"
    """One of outputs.formats.FORMATS."""
    resume: bool = False
    """Continue the records that a stopped run has left; where there was none, begin with the first input."""
    force: bool = False
    """Start over, whatever a stopped run has left."""
    errors: str | os.PathLike[str] | None = None
    """A file for the records of bad images, in addition, in the format of its extension, else of `output` (jsonl beside
    parquet and npy)."""
    max_errors: int | str | None = None
    """End early when there are more errors, or with "2%" a larger share of them from 100 images on. Those from before a
    resume count too."""
    sort_into: str | None = None
    """A folder that gets a folder a class, with the images of it."""
    sort_by: SortBy = "copy"
    """Members of archives are always copied."""
    move_errors: str | None = None
    """A folder for images that failed at decode or preprocess; they are moved at the end of a complete run."""
    copy: str | None = None
    """For an output that is not a regular file: a file that gets the records as JSON Lines, too."""
    on_progress: Callable[[RunSummary], object] | None = None
    """Called about every 100 ms, in the thread of the call, with the totals so far."""


def write_records(core: _core.Predictor, selection: InputSelection, options: RunOptions) -> RunSummary:
    """Classify what is selected, a record each, into any of the formats.

    A killed process loses only the images in work and the records of the last half second; a resumed run ends with the
    same output as a run without a stop. After Ctrl-C, the images in work still get their records, and the summary's end
    is "interrupted"; a second Ctrl-C, or one while Parquet or npy is made at the end, raises KeyboardInterrupt.

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
    limit = (-1, -1.0) if options.max_errors is None else _core.parse_error_limit(str(options.max_errors))
    postprocess = core.config.texts["postprocess"]
    write_output = output_writer(
        options.format,
        output,
        postprocess=postprocess,
        vector_length=core.class_count,
        metadata=lambda: provenance_of(core, selection.shard).metadata(),
    )
    if options.format == "npy" and options.errors is not None and _is_same_name(options.errors, output + NPY_ROWS):
        raise _core.ConfigError(
            f"--errors {os.fspath(options.errors)}: {output} uses this file for the paths of its rows"
        )
    return _core.write_records(
        core,
        selection.open(),
        output=os.fsencode(output),
        format=options.format,
        copy_path=b"" if options.copy is None else os.fsencode(options.copy),
        resume=options.resume,
        force=options.force,
        errors_path=b"" if options.errors is None else os.fsencode(options.errors),
        max_errors=limit[0],
        max_error_percent=limit[1],
        sort_into=os.fsencode(options.sort_into or ""),
        sort_by=options.sort_by,
        move_errors=os.fsencode(options.move_errors or ""),
        write_output=write_output,
        on_progress=options.on_progress,
    )


def refuse_input(
    name: str, path: str | os.PathLike[str] | None, list_path: str | None = None, config: str | None = None
) -> None:
    """Refuse a file to write whose name is that of an input; `name` is what the caller calls it.

    Raises:
        ConfigError: The path has the name of an image, archive or model, or is the list of images, the config or an
            existing image.
    """
    if path is None:
        return
    read = {"list_path": os.fsencode(list_path or ""), "config_path": os.fsencode(config or "")}
    meant = _core.clobbered_input(os.fsencode(path), **read)
    if meant:
        raise _core.ConfigError(f"{name} {os.fspath(path)}: that is {meant}, expected a file to write")


def provenance_of(core: _core.Predictor, shard: tuple[int, int] = (1, 1)) -> Provenance:
    """Say what makes the records.

    Raises:
        ModelError: A file of the model can't be read any more.
    """
    config = core.config.texts
    return Provenance(
        version=_core.__version__,
        config=config,
        model_sha256=model_hashes(config),
        of_records=tuple(_core.record_identity(core)),
        shard=shard,
    )


def _is_same_name(one: str | os.PathLike[str], other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)
