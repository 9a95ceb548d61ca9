"""Ray Data at work: the actors' step, its order, its silence, and what a worker raised."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import ray.data

from ppinfer.ray.actor import ActorModel, BatchClassifier
from ppinfer.ray.failures import failures_told
from ppinfer.ray.sources import IMAGES_PER_TASK, Inputs

if TYPE_CHECKING:
    from ppinfer.ray.plan import ActorPlan


def mapped(inputs: Inputs, model: ActorModel, plan: ActorPlan) -> Any:
    """Give the Dataset of the records; nothing runs yet."""
    return inputs.dataset.map_batches(
        BatchClassifier,
        fn_constructor_args=(model,),
        batch_size=None if inputs.images is not None else IMAGES_PER_TASK,
        batch_format="pyarrow",
        num_cpus=plan.cpus,
        compute=ray.data.ActorPoolStrategy(size=plan.actors),
        udf_modifying_row_count=False,
    )


@contextmanager
def quiet(dataset: Any) -> Iterator[None]:
    """Have the rows in order, and Ray say nothing on the terminal; a Dataset that was given is left as it was."""
    logger = logging.getLogger("ray.data")
    level = logger.level
    with (
        _set(dataset.context, enable_progress_bars=False, print_on_execution_start=False),
        _set(dataset.context, raise_original_map_exception=True),  # else what a worker raised comes as text only
        _set(dataset.context.execution_options, preserve_order=True),
    ):
        logger.setLevel(logging.CRITICAL)  # its errors are raised, too
        try:
            yield
        finally:
            logger.setLevel(level)


@contextmanager
def _set(options: object, **values: object) -> Iterator[None]:
    before = {name: getattr(options, name) for name in values}
    for name, value in values.items():
        setattr(options, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(options, name, value)


def tables(dataset: Any) -> Iterator[pa.Table]:
    """Run, and give the records as they come.

    Raises:
        Error: As failures_told says.
    """
    with failures_told():
        yield from dataset.iter_batches(batch_size=None, batch_format="pyarrow")
