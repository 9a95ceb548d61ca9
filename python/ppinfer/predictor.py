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

    Made from a config file, from the folder of an exported model, or from keys alone; keyword arguments are config keys
    and win over the file. Any number of threads may use one Predictor at the same time: they share its lanes. It can be
    pickled, which stores its config, so that `multiprocessing` can hand it to workers. A process that is forked lacks
    its parent's threads: there the parent's Predictor raises RuntimeFailure, and a new one works.

    Args:
        config: A config.txt; or what stands for a model, as in `model_dir`.
        model_dir: Folder of an exported model, whose own `inference.yml` is then read; a model's file, such as
            net.onnx; or a folder that `ppinfer convert` or `quantize` made, whose config.txt is then run by.
        overrides: Config keys (`ppinfer config template` lists them) as str, bool, int, float, path, or lists of these.

    Raises:
        ConfigError: The config is wrong. Its `problems` holds the problems found.
        ModelError: The model cannot be loaded or does not fit the config.
        TypeError: An override is of a type that no key can have.

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
            images: A path; the bytes of an image file, or a file open for reading them; a uint8 array [height, width,
                3] (need not be contiguous) or a PIL image; or several: a list, tuple or iterator of these, or a uint8
                array [count, height, width, 3]. Iterators are read as lanes become free, from any thread, never two at
                once. Arrays and bytes are read in place: an iterator must not reuse an array's memory for its next
                image.
            order: Of an array's channels: "rgb", or "bgr" for what cv2.imread gives. Of no meaning for files.

        Returns:
            One Result for one image, a list in input order for several. An image that cannot be read, None, or an array
            of another shape or type is a Result with an `error`.

        Raises:
            TypeError: Something is no image by its type, such as an int; the message says which.
            ValueError: `order` is neither "rgb" nor "bgr".
            RuntimeFailure: The engine cannot go on.

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
        """Decode one image as the config says: the keys decode, exif_rotate and max_pixels.

        All of it, also where `predict` decodes only what the crop needs of it. An array comes back as a copy, in RGB.

        Args:
            image: One image, as `predict` takes it.
            order: As in `predict`.

        Returns:
            uint8 [height, width, 3], RGB.

        Raises:
            BadImageError: The image cannot be read or decoded: its `stage` and `message` say why.
            TypeError: `image` is no image by its type, or several.
            ValueError: `order` is neither "rgb" nor "bgr".

        >>> predictor.decode("cat.jpg").shape
        (40, 60, 3)
        """
        return self._loaded.decode(single_image(image, order))

    def resize(self, image: Image, /, *, order: Order = "rgb") -> NDArray[np.uint8]:
        """Give the pixels that the model sees of one image: decoded, resized and cropped, but not normalised.

        Args:
            image: One image, as `predict` takes it.
            order: As in `predict`.

        Returns:
            uint8 [height, width, 3], RGB, of the size that the model takes. It is RGB for a model that takes BGR too,
            whose tensor alone has the other order (config key channel_order).

        Raises:
            BadImageError: The image is bad; `stage` is "preprocess" when it can't be resized, or is smaller than the
                crop.
            TypeError: `image` is no image by its type, or several.
            ValueError: `order` is neither "rgb" nor "bgr".

        >>> predictor.resize("cat.jpg").shape
        (224, 224, 3)
        """
        return self._loaded.resize(single_image(image, order))

    def preprocess(self, image: Image, /, *, order: Order = "rgb") -> NDArray[np.float32]:
        """Give the tensor that the engine gets for one image, bit for bit.

        Args:
            image: One image, as `predict` takes it.
            order: As in `predict`.

        Returns:
            float32 [3, height, width], normalised, the channels in the order that the model takes: one element of the
            engine's batch. With the config key channel_num 4 there is a fourth channel, of zeros.

        Raises:
            BadImageError: The image is bad, as in `resize`.
            TypeError: `image` is no image by its type, or several.
            ValueError: `order` is neither "rgb" nor "bgr".

        >>> tensor = predictor.preprocess("cat.jpg")
        >>> tensor.shape, tensor.dtype.name
        ((3, 224, 224), 'float32')
        """
        return self._loaded.preprocess(single_image(image, order))

    def logits(self, images: Image | Iterable[Image], /, *, order: Order = "rgb") -> NDArray[np.float32]:
        """Give what the engine makes of one image, or of several: the model's output before any postprocessing.

        These are probabilities when the model itself ends in a softmax. NaN and infinities come through.
        `ppinfer.postprocess(logits)` makes Results of them. Several run in batches over the lanes, as in `predict`.

        Args:
            images: As `predict` takes them.
            order: As in `predict`.

        Returns:
            float32 [classes] for one image, [images, classes] for several, in their order.

        Raises:
            BadImageError: An image is bad. Of several it is about the first bad one, and its `index` says which.
            TypeError: Something is no image by its type, such as an int; the message says which.
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
        """Classify every image in a folder and the folders and archives in it, in the order of their names.

        Args:
            folder: Files that are images by name or content are taken, in archives too. A warning counts the others.
            on_result: Called with each Result as soon as it and all before it are there, from any thread, never two at
                once. What it raises stops the run.
            include: Patterns; files that match none of them are left out. `InputSelection` says what a pattern is.
            exclude: Patterns; files and folders that match one are left out.
            hidden: Whether names that begin with a dot are taken.
            follow_links: Whether symbolic links in the folder are.
            shard: (i, n): of the images only the i-th of n parts.

        Returns:
            A Result a file, bad ones among them.

        Raises:
            NotADirectoryError: `folder` is none.
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
        """Classify files, folders and archives and write a record each. Memory stays bounded however many there are.

        Until then they are in OUTPUT.part, with OUTPUT.manifest beside it. A stopped run goes on there with `resume`.

        Args:
            paths: Files, folders and archives, in this order; folders as `classify_folder` has them. `InputSelection`
                says what else a path may be.
            output: The file to write; "-" is standard output.
            format: "jsonl", "csv", "spreadsheet" (csv without formulas), "text", "parquet" or "npy". None: what the
                ending of `output` says, else "jsonl". Parquet needs the extra `parquet`. "npy" is of postprocess
                embedding and score: float32 [images, length], with a line of JSON a row in OUTPUT.jsonl; rows of bad
                images are NaN.
            resume: Go on where a stopped run has left its records; where there was none, begin with the first image.
            force: Start over, whatever a stopped run has left.
            errors: A file for the records of bad images, text, JSON Lines or CSV; they are in `output` all the same.
            max_errors: Stop early when more images are bad, or with "2%" when from 100 images on a larger share is.
            on_progress: Called with the number of images and of errors so far, about every 100 ms.
            include: As in `classify_folder`, and so are exclude, hidden, follow_links and shard.
            exclude: Likewise.
            hidden: Likewise.
            follow_links: Likewise.
            shard: Likewise.
            list_path: A file of further paths, a line each; "-" is standard input.
            list_ends_in_nul: Whether each path in it is ended by a NUL byte instead.

        Returns:
            Images, errors, where the time went, and whether it `ended` "complete" or "max_errors".

        Raises:
            ConfigError: Nothing is at any path; the format or an ending is none, or not for this output or config; a
                file to write is an input; a pattern, the shard, the list or `max_errors` is wrong; a stopped run has
                left records, and neither `resume` nor `force` is set, or its model, config or inputs were others.
            RuntimeFailure: The output cannot be written, or the list not be read to its end. The records so far stay.
            KeyboardInterrupt: Ctrl-C. They stay, too.

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
            on_progress=None
            if on_progress is None
            else lambda so_far: on_progress(so_far.images_in_all, so_far.errors_in_all),
        )
        summary = write_records(self._loaded, selection, options)
        warn_of(summary.notices)
        if summary.ended == "interrupted":
            raise KeyboardInterrupt
        return summary

    @property
    def labels(self) -> list[str]:
        """Names of the classes in the order of their ids; empty when the config names none."""
        return self._loaded.labels

    @property
    def class_count(self) -> int:
        """How many classes the model tells apart."""
        return self._loaded.class_count

    @property
    def config(self) -> dict[str, EffectiveValue]:
        """Every config key's value and where it came from.

        >>> predictor.config["topk"]
        EffectiveValue(value='5', origin='default', guessed=False)
        """
        return effective_values(self._loaded.config)

    @property
    def notices(self) -> list[str]:
        """What the config's author should know; each is also a warning when the Predictor is made."""
        return self._loaded.notices

    def close(self) -> None:
        """Free the model. Calls under way in other threads finish; later ones raise ppinfer.Error."""
        self._open_core = None

    @property
    def _loaded(self) -> _core.Predictor:
        if self._open_core is None:
            raise _core.Error("this Predictor is closed: make a new one")
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
    """Name what takes folders in the error of a folder."""
    error = result.error
    if error is None or error.stage != "read" or result.path is None or not os.path.isdir(result.path):
        return result
    return result.replace(error=ImageError(error.stage, f"{error.message}: classify_folder takes those"))


def _remake(config: str | None, overrides: dict[str, Any]) -> Predictor:
    with warnings.catch_warnings():  # the original has said it all
        warnings.simplefilter("ignore")
        return Predictor(config, **overrides)
