"""The entry point of the Python library."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, overload

from ppinfer import _core
from ppinfer.config_values import EffectiveValue, config_error, effective_values, load_config, with_model
from ppinfer.inputs import Image, Order, check_order, many_images, one_image, single_image
from ppinfer.outputs.formats import format_of
from ppinfer.overrides import ConfigValue, to_given, with_absolute_paths
from ppinfer.result import ImageError, Result
from ppinfer.run import RunOptions, write_records
from ppinfer.selection import InputSelection, paths_of, warn_of, warn_of_others

if TYPE_CHECKING:
    from types import TracebackType

    import numpy as np
    from numpy.typing import NDArray

    from ppinfer.result import RunSummary

__all__ = ["EffectiveValue", "Predictor", "config_error", "load_config"]


class Predictor:
    """A loaded model that classifies images.

    A Predictor is made from a config file, from the folder of an exported model, or from config keys. Keyword arguments
    are config keys and override the file. Any number of threads may use one Predictor at the same time; they share its
    lanes. A Predictor can be pickled, so that `multiprocessing` can pass it to workers; the pickle stores the config. A
    forked process lacks its parent's threads: the parent's Predictor raises RuntimeFailure there, and a new one works.

    Args:
        config: A config.txt, or a model as in `model_dir`.
        model_dir: The folder of an exported model, with its own `inference.yml`; a model's file, such as net.onnx; or a
            folder from `ppinfer convert` or `quantize`, with its own config.txt.
        overrides: Config keys (`ppinfer config template` lists them) as str, bool, int, float, path, or lists of these.

    Raises:
        ConfigError: The config is wrong. `problems` has every problem.
        ModelError: The model cannot be loaded or does not fit the config.
        TypeError: An override has a type that no key accepts.

    >>> import ppinfer
    >>> with ppinfer.Predictor("config.txt", topk=1) as predictor:
    ...     result = predictor.predict("cat.jpg")
    >>> result.status, len(result.class_ids)
    ('ok', 1)
    """

    def __init__(
        self,
        config: str | os.PathLike[str] | None = None,
        /,
        *,
        model_dir: str | os.PathLike[str] | None = None,
        **overrides: ConfigValue,
    ) -> None:
        self._open_core: _core.Predictor | None = None  # what follows may raise
        config, overrides = with_model(config, model_dir, overrides)
        self._remake = (
            os.path.abspath(os.fspath(config)) if config is not None else None,
            with_absolute_paths(overrides),
        )
        self._open_core = _core.Predictor(load_config(config, to_given(overrides)))
        for notice in self._open_core.notices:
            warnings.warn(notice, stacklevel=2)

    @overload  # a str is an iterable of str too, but the first signature that fits wins
    def predict(self, images: Image, /, *, order: Order = "rgb") -> Result: ...  # type: ignore[overload-overlap]

    @overload
    def predict(self, images: Iterable[Image], /, *, order: Order = "rgb") -> list[Result]: ...

    def predict(self, images: Image | Iterable[Image], /, *, order: Order = "rgb") -> Result | list[Result]:
        """Classify one image, or several.

        Args:
            images: One image: a path; the bytes of an image file; an open image file; a uint8 array [height, width, 3],
                contiguous or not; or a PIL image. Several images: a list, tuple or iterator of these, or a uint8 array
                [count, height, width, 3]. Iterators are read when a lane is free, from any thread, one call at a time.
                Arrays and bytes are not copied: an iterator must not reuse an array's memory for its next image.
            order: Order of an array's channels: "rgb", or "bgr" for an array from cv2.imread. Ignored for files.

        Returns:
            One Result for one image, a list in input order for several. An image that cannot be read, None, or an array
            of another shape or type gives a Result with an `error`.

        Raises:
            TypeError: An element has another type than an image, such as an int; the message names it.
            ValueError: `order` is neither "rgb" nor "bgr".
            RuntimeFailure: The engine cannot continue.

        >>> import numpy as np
        >>> gray = np.full((60, 80, 3), 128, np.uint8)
        >>> [result.status for result in predictor.predict([gray, "cat.jpg", gray.astype(float)])]
        ['ok', 'ok', 'error']
        """
        check_order(order)
        core = self._loaded
        image = one_image(images, order)
        if image is not None:
            return _with_folder_hint(core.predict_one(image))
        return [_with_folder_hint(result) for result in core.predict_many(many_images(images, order))]

    def decode(self, image: Image, /, *, order: Order = "rgb") -> NDArray[np.uint8]:
        """Decode one image with the config keys decode, exif_rotate and max_pixels.

        Decodes the whole image, also if `predict` decodes only the part for the crop. An array is returned as a copy,
        in RGB.

        Args:
            image: One image, as `predict` takes it.
            order: As in `predict`.

        Returns:
            uint8 [height, width, 3], RGB.

        Raises:
            BadImageError: The image cannot be read or decoded; `stage` and `message` give the reason.
            TypeError: `image` has another type than an image, or is several images.
            ValueError: `order` is neither "rgb" nor "bgr".

        >>> predictor.decode("cat.jpg").shape
        (40, 60, 3)
        """
        return self._loaded.decode(single_image(image, order))

    def resize(self, image: Image, /, *, order: Order = "rgb") -> NDArray[np.uint8]:
        """Return the decoded, resized and cropped pixels of one image, before normalisation.

        Args:
            image: One image, as `predict` takes it.
            order: As in `predict`.

        Returns:
            uint8 [height, width, 3], of the model's input size. The order is RGB also for a BGR model (config key
            channel_order); only the tensor of such a model is BGR.

        Raises:
            BadImageError: The image is bad; `stage` is "preprocess" when it can't be resized, or is smaller than the
                crop.
            TypeError: `image` has another type than an image, or is several images.
            ValueError: `order` is neither "rgb" nor "bgr".

        >>> predictor.resize("cat.jpg").shape
        (224, 224, 3)
        """
        return self._loaded.resize(single_image(image, order))

    def preprocess(self, image: Image, /, *, order: Order = "rgb") -> NDArray[np.float32]:
        """Return the engine's input tensor for one image, bit for bit.

        Args:
            image: One image, as `predict` takes it.
            order: As in `predict`.

        Returns:
            float32 [3, height, width], normalised, with the channels in the model's order: one element of the engine's
            batch. With the config key channel_num 4, a fourth channel has zeros.

        Raises:
            BadImageError: The image is bad, as in `resize`.
            TypeError: `image` has another type than an image, or is several images.
            ValueError: `order` is neither "rgb" nor "bgr".

        >>> tensor = predictor.preprocess("cat.jpg")
        >>> tensor.shape, tensor.dtype.name
        ((3, 224, 224), 'float32')
        """
        return self._loaded.preprocess(single_image(image, order))

    def logits(self, images: Image | Iterable[Image], /, *, order: Order = "rgb") -> NDArray[np.float32]:
        """Return the model's output for one image, or for several, before postprocessing.

        The output is probabilities if the model ends in a softmax. It may have NaN and infinities.
        `ppinfer.postprocess(logits)` makes Results. Several images run in batches over the lanes, as in `predict`.

        Args:
            images: As `predict` takes them.
            order: As in `predict`.

        Returns:
            float32 [classes] for one image, [images, classes] for several, in their order.

        Raises:
            BadImageError: An image is bad. Of several bad images the error is about the first; `index` is its number.
            TypeError: An element has another type than an image, such as an int; the message names it.
            ValueError: `order` is neither "rgb" nor "bgr".

        >>> predictor.logits("cat.jpg").shape, predictor.logits(["cat.jpg", "dog.jpg"]).shape
        ((8,), (2, 8))
        """
        check_order(order)
        core = self._loaded
        image = one_image(images, order)
        return core.logits_of_many(many_images(images, order)) if image is None else core.logits_of_one(image)

    def classify_folder(
        self,
        folder: str | os.PathLike[str],
        *,
        on_result: Callable[[Result], object] | None = None,
        include: Iterable[str] = (),
        exclude: Iterable[str] = (),
        hidden: bool = False,
        follow_links: bool = True,
        shard: tuple[int, int] = (1, 1),
    ) -> list[Result]:
        """Classify every image in a folder, with its subfolders and archives, in the order of their names.

        Args:
            folder: Files are classified if they are images by name or content, also in archives. A warning counts the
                other files.
            on_result: Called with each Result, in input order, from any thread, one call at a time. An exception stops
                the run.
            include: Patterns; only files that match one of them are classified. `InputSelection` explains patterns.
            exclude: Patterns; files and folders that match one of them are skipped.
            hidden: Include names that begin with a dot.
            follow_links: Follow symbolic links in the folder.
            shard: (i, n): classify only the i-th of n shards of the images.

        Returns:
            A Result for each file, also for bad images.

        Raises:
            NotADirectoryError: `folder` isn't a folder.
            ConfigError: A pattern or the shard is wrong.

        >>> [result.status for result in predictor.classify_folder("photos", exclude=["dog.*"])]
        ['ok']
        """
        if not os.path.isdir(folder):
            raise NotADirectoryError(f"{os.fspath(folder)!r} is not a folder")
        selection = InputSelection(
            paths=paths_of(folder),
            include=tuple(include),
            exclude=tuple(exclude),
            hidden=hidden,
            follow_links=follow_links,
            shard=shard,
        )
        files = selection.open()
        results = self._loaded.classify_files(files, on_result)
        warn_of_others(folder, files)
        return results

    def write_records(
        self,
        paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
        output: str | os.PathLike[str],
        *,
        format: str | None = None,
        resume: bool = False,
        force: bool = False,
        errors: str | os.PathLike[str] | None = None,
        max_errors: int | str | None = None,
        on_progress: Callable[[int, int], object] | None = None,
        include: Iterable[str] = (),
        exclude: Iterable[str] = (),
        hidden: bool = False,
        follow_links: bool = True,
        shard: tuple[int, int] = (1, 1),
        list_path: str | os.PathLike[str] | None = None,
        list_ends_in_nul: bool = False,
    ) -> RunSummary:
        """Classify files, folders and archives, and write a record for each image. Memory is bounded for any number.

        During the run, the records are in OUTPUT.part, with OUTPUT.manifest beside it. `resume` continues a stopped
        run.

        Args:
            paths: Files, folders and archives, in this order; folders as in `classify_folder`. `InputSelection`
                explains all kinds of paths.
            output: The file to write; "-" is standard output.
            format: "jsonl", "csv", "spreadsheet" (csv without formulas), "text", "parquet" or "npy". None: the format
                of `output`'s extension, else "jsonl". Parquet needs the extra `parquet`. "npy" needs postprocess
                embedding or score: float32 [images, length], with a line of JSON a row in OUTPUT.jsonl; rows of bad
                images are NaN.
            resume: Resume a stopped run; without a stopped run, begin with the first image.
            force: Start over and delete the records of a stopped run.
            errors: A file for the records of bad images, as text, JSON Lines or CSV; `output` has these records, too.
            max_errors: Stop early if more images are bad, or with "2%" if more than 2 % are bad after 100 images.
            on_progress: Called with the number of images and the number of errors so far, about every 100 ms.
            include: As in `classify_folder`.
            exclude: As in `classify_folder`.
            hidden: As in `classify_folder`.
            follow_links: As in `classify_folder`.
            shard: As in `classify_folder`.
            list_path: A file of further paths, one a line; "-" is standard input.
            list_ends_in_nul: Each path in the list ends in a NUL byte instead of a line end.

        Returns:
            The numbers of images and errors, the time of each stage, and `ended`: "complete" or "max_errors".

        Raises:
            ConfigError: No path exists; the format or an extension is unknown, or doesn't fit the output or config; a
                file to write is an input; a pattern, the shard, the list or `max_errors` is wrong; a stopped run exists
                and neither `resume` nor `force` is set; or the stopped run had another model, config or inputs.
            RuntimeFailure: The output cannot be written, or the list cannot be read to its end. The records so far are
                kept.
            KeyboardInterrupt: Ctrl-C. The records so far are kept.

        >>> predictor.write_records("photos", "/dev/null").images
        2
        """
        selection = InputSelection(
            paths=paths_of(paths),
            include=tuple(include),
            exclude=tuple(exclude),
            hidden=hidden,
            follow_links=follow_links,
            shard=shard,
            list_path=None if list_path is None else os.fspath(list_path),
            list_ends_in_nul=list_ends_in_nul,
        )
        options = RunOptions(
            output=output,
            format=format_of(output, default="jsonl") if format is None else format,
            resume=resume,
            force=force,
            errors=errors,
            max_errors=max_errors,
        )
        tell = None if on_progress is None else lambda so_far: on_progress(so_far.images_in_all, so_far.errors_in_all)
        summary = write_records(self._loaded, selection, options, on_progress=tell)
        warn_of(summary.notices)
        if summary.ended == "interrupted":
            raise KeyboardInterrupt
        return summary

    @property
    def labels(self) -> list[str]:
        """Names of the classes in the order of their ids; empty if the config has no labels."""
        return self._loaded.labels

    @property
    def class_count(self) -> int:
        """Number of classes of the model."""
        return self._loaded.class_count

    @property
    def config(self) -> dict[str, EffectiveValue]:
        """Value and origin of every config key.

        >>> predictor.config["topk"]
        EffectiveValue(value='5', origin='default', guessed=False)
        """
        return effective_values(self._loaded.config)

    @property
    def notices(self) -> list[str]:
        """Notices about the config; each is also a warning when the Predictor is created."""
        return self._loaded.notices

    def close(self) -> None:
        """Free the model. Running calls in other threads finish; later calls raise ppinfer.Error."""
        self._open_core = None

    @property
    def _loaded(self) -> _core.Predictor:
        if self._open_core is None:
            raise _core.Error("this Predictor is closed: create a new one")
        return self._open_core

    def __enter__(self) -> Predictor:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __reduce__(self) -> tuple[Callable[..., Predictor], tuple[str | None, dict[str, object]]]:
        return _remake, self._remake

    def __repr__(self) -> str:
        return f"<ppinfer.Predictor: {self._open_core.description if self._open_core else 'closed'}>"


def _with_folder_hint(result: Result) -> Result:
    """Name `classify_folder` in the error of a folder."""
    error = result.error
    if error is None or error.stage != "read" or result.path is None or not os.path.isdir(result.path):
        return result
    return result.replace(error=ImageError(error.stage, f"{error.message}: use classify_folder for folders"))


def _remake(config: str | None, overrides: dict[str, Any]) -> Predictor:
    with warnings.catch_warnings():  # the original has said it all
        warnings.simplefilter("ignore")
        return Predictor(config, **overrides)
