"""Runs with every output format, for `ppinfer classify` and Predictor.write_records."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from ppinfer import _core
from ppinfer._core import RunOptions
from ppinfer.model_files import model_hashes
from ppinfer.outputs.formats import NPY_ROWS, output_writer
from ppinfer.outputs.provenance import Provenance

if TYPE_CHECKING:
    from ppinfer.result import RunSummary
    from ppinfer.selection import InputSelection

__all__ = ["RunOptions", "provenance_of", "refuse_input", "write_records"]


def write_records(
    core: _core.Predictor,
    selection: InputSelection,
    options: RunOptions,
    *,
    copy: str | None = None,
    on_progress: Callable[[RunSummary], object] | None = None,
) -> RunSummary:
    """Classify what is selected, a record each, into any of the formats.

    A killed process loses only the images in work and the records of the last half second; a resumed run ends with the
    same output as a run without a stop. After Ctrl-C, the images in work still get their records, and the summary's end
    is "interrupted"; a second Ctrl-C, or one while Parquet or npy is made at the end, raises KeyboardInterrupt.

    Args:
        core: A loaded model.
        selection: The inputs; the same ones when the run is resumed.
        options: Where records go, and the rest.
        copy: For an output that is not a regular file: a file that gets the records as JSON Lines, too.
        on_progress: Called about every 100 ms, in the thread of the call, with the totals so far.

    Raises:
        ConfigError: Nothing is at any of the paths; the output, or the file for errors, is an input; a format or a way
            of sorting isn't for this config or output; a stopped run has left records, and `options` don't say what to
            do with them, or say to resume it and the model, the config, the format or an input is another one: the
            message names what has changed.
        RuntimeFailure: Another run has the output, it can't be written, or a folder can't take an image. What was done
            stays to be resumed.
        Error: A package is missing.
    """
    output = options.output
    for name, path in {"output": output, "errors": options.errors}.items():
        refuse_input(name, path, selection.list_path)
    if output != "-" or options.errors is not None:
        selection.check_any_is_there()
    postprocess = core.config.texts["postprocess"]
    write_output = output_writer(
        options.format,
        output,
        postprocess=postprocess,
        vector_length=core.class_count,
        metadata=lambda: provenance_of(core, selection.shard).metadata(),
    )
    if options.format == "npy" and options.errors is not None and _is_same_name(options.errors, output + NPY_ROWS):
        raise _core.ConfigError(f"--errors {options.errors}: {output} uses this file for the paths of its rows")
    return _core.write_records(
        core, selection.open(), options, write_output=write_output, copy=copy, on_progress=on_progress
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


def _is_same_name(one: str, other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)
