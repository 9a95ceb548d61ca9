"""Images on a cluster in, one Parquet file of records out: each image exactly one, whatever dies midway."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import ray.data

from ppinfer import _core
from ppinfer.config_fields import is_path
from ppinfer.config_values import load_config
from ppinfer.outputs.arrow_records import record_schema
from ppinfer.overrides import ConfigValue, GivenKey, to_given
from ppinfer.ray.actor import ActorModel
from ppinfer.ray.attempts import start_attempts
from ppinfer.ray.cluster import connected, node_cpus, settled_free_cpus
from ppinfer.ray.execution import mapped, quiet, tables
from ppinfer.ray.plan import ActorPlan, plan_actors
from ppinfer.ray.record_file import RecordFile
from ppinfer.ray.sources import Inputs, of_dataset, of_files, of_storage
from ppinfer.ray.totals import Totals
from ppinfer.ray.waiting import waiting_told
from ppinfer.run import identity_of_run, refuse_input
from ppinfer.selection import InputSelection, paths_of

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

    from ppinfer.outputs.run_identity import RunIdentity
    from ppinfer.result import RunSummary


def classify(
    images: Any,
    *,
    output: str | os.PathLike[str],
    config: str | os.PathLike[str] | None = None,
    address: str | None = None,
    filesystem: FileSystem | None = None,
    cpus_per_actor: int | None = None,
    object_store_bytes: int | None = None,
    on_progress: Callable[[RunSummary, int | None], object] | None = None,
    on_notice: Callable[[str], object] = warnings.warn,
    **overrides: ConfigValue,
) -> RunSummary:
    """Classify images on a Ray cluster and write a record of each to one Parquet file, in the order of the images.

    One Predictor works on each node, as an actor with all of its CPUs. When a worker or a node dies, what it had begun
    is done again elsewhere. The file is in its place only when each image has exactly one record in it; before, and
    where there are no images, there is nothing there, or what was. Model, config and ppinfer must be on every node,
    under the same paths.

    Args:
        images: Files and folders that every node sees under these paths; or URIs of objects and prefixes, such as
            s3://bucket/photos; or a ray.data.Dataset with the columns `path` and `bytes`, or with `path` alone.
        output: A file, or a URI of one.
        config: A config.txt; None: the keys in `overrides` say it all, such as model_dir.
        address: Of the cluster: "auto" for the one on this machine, "local" to start one here for this run. None: the
            connection that is there, else what RAY_ADDRESS says, else "local".
        filesystem: A pyarrow.fs.FileSystem that the paths are in, where no URI can say it.
        cpus_per_actor: None: those of a node; with a Dataset that isn't materialized one less, for what makes it.
        object_store_bytes: Shared memory of a cluster that is started here.
        on_progress: Called about every 100 ms with the summary so far, and how many images there are; None with a
            Dataset.
        on_notice: Called, from any thread, with what should be known: others hold CPUs of the cluster, or all of them,
            so that the run waits.
        overrides: Config keys, as Predictor takes them.

    Raises:
        ConfigError: The config is wrong, or no node has the CPUs that it asks for, or nothing is at any of the paths.
        ModelError: The model can't be loaded.
        RuntimeFailure: Nobody answers at the address; or a worker failed; or the output can't be written.
        KeyboardInterrupt: Ctrl-C. Nothing is written.

    For example::

        summary = ppinfer.ray.classify("photos", config="config.txt", output="records.parquet", address="local")
        print(summary.images, summary.errors)
    """
    return classify_inputs(
        images,
        output=output,
        config=None if config is None else os.fspath(config),
        given=to_given(overrides),
        address=address,
        filesystem=filesystem,
        cpus_per_actor=cpus_per_actor,
        object_store_bytes=object_store_bytes,
        on_progress=on_progress,
        on_notice=on_notice,
    )


def classify_inputs(
    images: Any,
    *,
    output: str | os.PathLike[str],
    config: str | None,
    given: list[GivenKey],
    address: str | None = None,
    filesystem: FileSystem | None = None,
    cpus_per_actor: int | None = None,
    object_store_bytes: int | None = None,
    on_progress: Callable[[RunSummary, int | None], object] | None = None,
    on_notice: Callable[[str], object] = warnings.warn,
) -> RunSummary:
    """Do as `classify` says, with keys as commands have them. `images` may be an InputSelection, too."""
    refuse_input("output", output)
    images = _selected(images)
    if isinstance(images, InputSelection) and not _uris(images, filesystem):
        images.check_any_is_there()
    checked = _checked(config, given, on_notice)
    with connected(address, object_store_bytes):
        start = time.perf_counter()
        plan = _plan(checked, cpus_per_actor, images, on_notice)
        schema = checked.schema(plan, images)
        attempts = start_attempts()
        with waiting_told(plan, attempts, on_notice):
            inputs = _inputs(images, filesystem, plan)
            model = _model(config, given, schema, inputs, plan, attempts)
            totals = Totals(inputs, plan, start, on_progress)
            with quiet(inputs.dataset), RecordFile(output, schema) as file:
                for table in tables(mapped(inputs, model, plan)) if inputs.images != 0 else ():
                    totals.add(table)
                    file.write(table)
                totals.check()
                if totals.is_worth_a_file:
                    file.commit()
        return totals.summary()


def records(
    images: Any,
    *,
    config: str | os.PathLike[str] | None = None,
    filesystem: FileSystem | None = None,
    cpus_per_actor: int | None = None,
    **overrides: ConfigValue,
) -> Any:
    """Make the Dataset of the records, to go on with in Ray Data; nothing is classified before it is asked for.

    Takes what `classify` takes. Ray must be connected.

    Returns:
        A ray.data.Dataset with the columns of the Parquet file and, unless `images` is a Dataset, `number`: the place
        of an image among all.

    Raises:
        ConfigError, ModelError: As from `classify`.
    """
    config = None if config is None else os.fspath(config)
    given = to_given(overrides)
    checked = _checked(config, given, warnings.warn)
    images = _selected(images)
    plan = _plan(checked, cpus_per_actor, images, warnings.warn)
    inputs = _inputs(images, filesystem, plan)
    model = _model(config, given, checked.schema(plan, images), inputs, plan, start_attempts())
    return mapped(inputs, model, plan)


@dataclass(frozen=True)
class _Checked:
    """A config and a model that can be loaded."""

    lanes: int
    threads_per_lane: int
    """Of both: 0 when that is left to where it runs."""
    class_count: int
    identity: RunIdentity

    def schema(self, plan: ActorPlan, images: Any) -> pa.Schema:
        """Give the columns of the records, and what made them."""
        lanes = {"lanes": str(plan.lanes), "threads_per_lane": str(plan.threads_per_lane)}
        shard = images.shard if isinstance(images, InputSelection) else (1, 1)
        identity = replace(self.identity, config={**self.identity.config, **lanes}, shard=shard)
        return record_schema(identity.config["postprocess"], self.class_count, identity.metadata())


def _checked(config: str | None, given: list[GivenKey], on_notice: Callable[[str], object]) -> _Checked:
    """Load the model here for once: what is wrong with it is said before a cluster is bothered."""
    rows = load_config(config, given).effective
    lanes, threads = (0 if row.of_this_machine else row.value for row in (rows["lanes"], rows["threads_per_lane"]))
    one_lane = [*_without_lanes(given), ("lanes", "1", "argument"), ("threads_per_lane", "1", "argument")]
    predictor = _core.Predictor(load_config(config, one_lane))
    for notice in predictor.notices:
        if notice not in predictor.config.notices:  # the caller said those
            on_notice(notice)
    return _Checked(
        lanes=lanes,
        threads_per_lane=threads,
        class_count=predictor.class_count,
        identity=identity_of_run(predictor),
    )


def _plan(checked: _Checked, cpus_per_actor: int | None, images: Any, on_notice: Callable[[str], object]) -> ActorPlan:
    """Share out the CPUs that nobody holds; where these aren't enough for an actor all, for which the run waits."""
    share_out = partial(
        plan_actors,
        lanes=checked.lanes,
        threads_per_lane=checked.threads_per_lane,
        cpus_per_actor=cpus_per_actor,
        spare_cpus=1 if cpus_per_actor is None and _is_made_on_the_way(images) else 0,
    )
    of_all = share_out(node_cpus())
    try:
        plan = share_out(settled_free_cpus())
    except _core.ConfigError:
        return of_all
    if plan.actors * plan.cpus < of_all.actors * of_all.cpus:
        on_notice(
            f"others hold CPUs of the Ray cluster: the run has {plan.actors * plan.cpus} in place of "
            f"{of_all.actors * of_all.cpus}"
        )
    return plan


def _is_made_on_the_way(images: Any) -> bool:
    return isinstance(images, ray.data.Dataset) and not isinstance(images, ray.data.dataset.MaterializedDataset)


def _selected(images: Any) -> ray.data.Dataset | InputSelection:
    return images if isinstance(images, ray.data.Dataset | InputSelection) else InputSelection(paths=paths_of(images))


def _uris(selection: InputSelection, filesystem: FileSystem | None) -> list[str]:
    return [path for path in selection.paths if filesystem is not None or _is_uri(path)]


def _inputs(images: ray.data.Dataset | InputSelection, filesystem: FileSystem | None, plan: ActorPlan) -> Inputs:
    if isinstance(images, ray.data.Dataset):
        return of_dataset(images, filesystem)
    paths, uris = images.paths, _uris(images, filesystem)
    if not uris:
        return of_files(images, plan)
    if len(uris) < len(paths):
        raise _core.ConfigError(f"{', '.join(paths)}: expected either files or objects of a storage in a run")
    if images != InputSelection(paths=paths):
        raise _core.ConfigError(
            f"{uris[0]}: of a storage all images are taken; patterns, shards and lists are for files"
        )
    return of_storage(uris, filesystem, plan)


def _is_uri(path: str) -> bool:
    return "://" in path and not os.path.lexists(path)


def _model(
    config: str | None, given: list[GivenKey], schema: pa.Schema, inputs: Inputs, plan: ActorPlan, attempts: Any
) -> ActorModel:
    anywhere = [
        (key, os.path.abspath(value) if is_path(key) and value else value, by)
        for key, value, by in _without_lanes(given)
    ]
    planned = [
        ("lanes", str(plan.lanes), "argument"),
        ("threads_per_lane", str(plan.threads_per_lane), "argument"),
    ]
    return ActorModel(
        config=None if config is None else os.path.abspath(config),
        given=[*anywhere, *planned],
        version=_core.__version__,
        schema=schema,
        filesystem=inputs.filesystem,
        folder=os.getcwd(),
        attempts=attempts,
    )


def _without_lanes(given: list[GivenKey]) -> list[GivenKey]:
    return [key for key in given if key[0] not in ("lanes", "threads_per_lane")]
