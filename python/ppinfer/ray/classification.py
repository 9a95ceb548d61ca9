"""Images on a cluster in, one Parquet file of records out: each image exactly one, whatever dies midway."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeAlias

import pyarrow as pa
import ray.data

from ppinfer import _core
from ppinfer.config_fields import is_path
from ppinfer.config_values import load_config
from ppinfer.outputs.arrow_records import record_schema
from ppinfer.outputs.parquet import row_groups
from ppinfer.overrides import ConfigValue, GivenKey, to_given
from ppinfer.ray.actor import NUMBER, BatchClassifier
from ppinfer.ray.cluster import connected, free_plan, plan_actors, ray_failures
from ppinfer.ray.inputs import IMAGES_PER_TASK, Inputs, inputs_of, selected
from ppinfer.ray.record_file import RecordFile
from ppinfer.result import RunSummary
from ppinfer.run import provenance_of, refuse_input
from ppinfer.selection import InputSelection

OnProgress: TypeAlias = Callable[[RunSummary, "int | None"], object]


def classify(
    images: Any,
    *,
    output: str | os.PathLike[str],
    config: str | os.PathLike[str] | None = None,
    address: str | None = None,
    on_progress: OnProgress | None = None,
    on_notice: Callable[[str], object] = warnings.warn,
    **overrides: ConfigValue,
) -> RunSummary:
    """Classify images on a Ray cluster and write a record of each to one Parquet file, in the order of the images.

    Each node has one Predictor, in an actor with all CPUs of the node; the config key `lanes` makes actors smaller.
    When a worker or a node dies, its images are classified again elsewhere. The file appears only when each image has
    exactly one record; before, and without any image, an earlier file stays. Model, config and ppinfer must be on every
    node, under the same paths.

    Args:
        images: Files and folders that have the same paths on every node; or URIs of objects and prefixes, such as
            s3://bucket/photos; or an InputSelection; or a ray.data.Dataset with the columns `path` and `bytes`, or with
            `path` alone.
        output: A file, or a URI of one.
        config: A config.txt. None: `overrides` has all keys, such as model_dir.
        address: The cluster's address; "auto" for the cluster of this machine, "local" to start a cluster here for this
            run. None: the existing connection, else RAY_ADDRESS, else "local".
        on_progress: Called as records arrive, with the summary so far and the number of images; None with a Dataset.
        on_notice: Called with notices: others hold CPUs of the cluster, or the run waits for CPUs.
        overrides: Config keys, as Predictor takes them.

    Raises:
        ConfigError: The config is wrong, no node has the CPUs that it needs, or none of the paths exists.
        ModelError: The model can't be loaded.
        RuntimeFailure: The address doesn't respond, a worker failed, or the output can't be written.
        KeyboardInterrupt: Ctrl-C. Nothing is written.

    For example::

        summary = ppinfer.ray.classify("photos", config="config.txt", output="records.parquet", address="local")
        print(summary.images, summary.errors)
    """
    refuse_input("output", output)
    images, given = selected(images), to_given(overrides)
    load_config(config, given)  # what is wrong with it is said before a cluster is asked
    with connected(address):
        run = _run_of(images, config, given, on_notice)
        with RecordFile(output, run.schema) as file:
            for group in row_groups(run.batches(on_progress), run.schema):
                file.write(group)
            summary = run.summary()
            if summary.images or summary.of_other_shards:  # else an earlier file stays
                file.commit()
    return summary


def classify_inputs(images: Any, *, given: list[GivenKey], **options: Any) -> RunSummary:
    """Do as `classify` says, with config keys as commands have them."""
    overrides: dict[str, Any] = {key: value for key, value, _ in given}
    return classify(images, **options, **overrides)


def records(images: Any, *, config: str | os.PathLike[str] | None = None, **overrides: ConfigValue) -> Any:
    """Make a Dataset of the records, for further use in Ray Data; images are classified on demand.

    The arguments are those of `classify`. Ray must be connected.

    Returns:
        A ray.data.Dataset with the columns of the Parquet file and, unless `images` is a Dataset, `number`: the
        image's position among all images.

    Raises:
        ConfigError, ModelError: As from `classify`.
    """
    return _run_of(selected(images), config, to_given(overrides), warnings.warn).records


@dataclass
class Run:
    """One run: counts records, and verifies that each image has one. Nothing is classified before `batches`."""

    records: Any
    """ray.data.Dataset."""
    schema: pa.Schema
    inputs: Inputs
    lanes: int
    """Of all actors."""
    start: float = field(default_factory=time.perf_counter)
    images: int = 0
    errors: int = 0
    machine_errors: int = 0

    def batches(self, on_progress: OnProgress | None) -> Iterator[pa.RecordBatch]:
        """Give the records in the order of the images.

        Raises:
            Error: One that a worker raised.
            RuntimeFailure: Records are missing or twice, or Ray fails.
        """
        total = self.inputs.images
        if total != 0:
            options = self.records.context
            options.execution_options.preserve_order = True
            options.raise_original_map_exception = True  # else what a worker raised comes as text only
            options.enable_progress_bars = options.print_on_execution_start = False
            with ray_failures():
                for table in self.records.iter_batches(batch_size=None, batch_format="pyarrow"):
                    self._count(table)
                    if on_progress is not None:
                        on_progress(self.summary(), total)
                    yield from table.select(self.schema.names).cast(self.schema).to_batches()
        if total not in (None, self.images):
            raise _core.RuntimeFailure(f"Ray gave {self.images} records of {total} images")

    def _count(self, table: pa.Table) -> None:
        due = list(range(self.images, self.images + table.num_rows))
        if self.inputs.images is not None and table[NUMBER].to_pylist() != due:
            raise _core.RuntimeFailure(f"Ray gave other records than those from {self.images} on")
        self.images += table.num_rows
        self.errors += table["status"].to_pylist().count("error")
        self.machine_errors += table["error_stage"].to_pylist().count("machine")

    def summary(self) -> RunSummary:
        """Return the totals of the run so far."""
        return RunSummary(
            images=self.images,
            errors=self.errors,
            machine_errors=self.machine_errors,
            wall_s=time.perf_counter() - self.start,
            lanes=self.lanes,
            **self.inputs.counts,
        )


def _run_of(
    images: ray.data.Dataset | InputSelection,
    config: str | os.PathLike[str] | None,
    given: list[GivenKey],
    on_notice: Callable[[str], object],
) -> Run:
    """Load the model here once, share out the CPUs, and list the images."""
    rows = load_config(config, given).effective
    lanes, threads = (0 if row.of_this_machine else row.value for row in (rows["lanes"], rows["threads_per_lane"]))
    predictor = _core.Predictor(load_config(config, _with_lanes(given, 1, 1)))
    for notice in predictor.notices:
        if notice not in predictor.config.notices:  # the caller said those
            on_notice(notice)
    is_lazy = isinstance(images, ray.data.Dataset) and not isinstance(images, ray.data.dataset.MaterializedDataset)
    share_out = partial(plan_actors, lanes=lanes, threads_per_lane=threads, spare_cpus=int(is_lazy))
    plan = free_plan(share_out, on_notice)
    inputs = inputs_of(images, plan.actors)
    keys = _with_lanes(given, plan.lanes, plan.threads_per_lane)
    provenance = provenance_of(predictor, images.shard if isinstance(images, InputSelection) else (1, 1))
    provenance = replace(provenance, config={**provenance.config, **{key: value for key, value, _ in keys[-2:]}})
    schema = record_schema(provenance.config["postprocess"], predictor.class_count, provenance.metadata())
    dataset = inputs.dataset.map_batches(
        BatchClassifier,
        fn_constructor_kwargs={
            "config": None if config is None else os.path.abspath(config),
            "given": [
                (key, os.path.abspath(value) if is_path(key) and value else value, by) for key, value, by in keys
            ],
            "version": _core.__version__,
            "schema": schema,
            "filesystem": inputs.filesystem,
            "folder": os.getcwd(),
        },
        batch_size=None if inputs.images is not None else IMAGES_PER_TASK,
        batch_format="pyarrow",
        num_cpus=plan.cpus,
        compute=ray.data.ActorPoolStrategy(size=plan.actors),
        udf_modifying_row_count=False,
    )
    return Run(dataset, schema, inputs, plan.actors * plan.lanes)


def _with_lanes(given: list[GivenKey], lanes: int, threads_per_lane: int) -> list[GivenKey]:
    others = [key for key in given if key[0] not in ("lanes", "threads_per_lane")]
    return [*others, ("lanes", str(lanes), "argument"), ("threads_per_lane", str(threads_per_lane), "argument")]
