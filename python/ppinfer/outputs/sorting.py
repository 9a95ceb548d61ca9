"""Images sorted into a folder a class, and bad ones moved out of the way."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from ppinfer._core import ConfigError, RuntimeFailure, open_own_file
from ppinfer.outputs.outside import lies_below


@contextmanager
def told_as_failure(path):
    yield


from ppinfer.outputs.placing import HOWS, How, move, place
from ppinfer.outputs.sources import SourceGoneError, Sources, is_of_archive, is_stream

if TYPE_CHECKING:
    from ppinfer.result import Result

NO_CLASS = "(no class)"
"""Folder of images none of whose classes reached the threshold."""
LIST_KIND = b"ppinfer bad images "
"""How a list of bad images begins; the id of its run follows."""
STAGES_OF_THE_IMAGE = ("decode", "preprocess")  # at which only the image itself can be what is wrong
CANNOT_BE_MOVED = "can't be moved"
MOST_REFUSED = 10  # messages
CLASSLESS_OPS = ("person_attribute", "vehicle_attribute", "embedding")

_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')
_MAX_FOLDER_BYTES = 200


def folder_name(label: str) -> str:
    r"""Make a name of a label that every file system takes.

    >>> folder_name("sunglasses, dark glasses"), folder_name("AC/DC: \"live\""), folder_name("..")
    ('sunglasses, dark glasses', 'AC_DC_ _live_', '_')
    """
    name = re.sub(r"^\.+", "_", _UNSAFE.sub("_", label).strip(" "))
    while len(os.fsencode(name)) > _MAX_FOLDER_BYTES:
        name = name[:-1]
    return name.rstrip(" .") or "_"


class ClassSorter:
    """Puts each image into the folder of its best class: DIR/LABEL, or DIR/ID where the config names no labels.

    Calling it twice with an image is the same as once. Bad images stay out of it.

    Args:
        folder: Made if need be.
        how: "copy"; "hardlink" or "symlink", which take no space. Members of archives are always copied.
        labels: The model's, all of them: classes of one name get folders with their ids.
        postprocess: The config's.

    Raises:
        ConfigError: There is no such way; or this postprocess gives no classes.
    """

    def __init__(self, folder: str, how: How, *, labels: Sequence[str], postprocess: str) -> None:
        if how not in HOWS:
            raise ConfigError(f"sort by {how}: expected {', '.join(HOWS[:-1])} or {HOWS[-1]}")
        if postprocess in CLASSLESS_OPS:
            raise ConfigError(f"postprocess {postprocess} gives no classes to sort by: take topk, threshold or score")
        self._folder = folder
        self._how = how
        self._labels = labels
        counts = Counter(folder_name(label).casefold() for label in labels if label)
        self._shared = {name for name, count in counts.items() if count > 1}
        self._sources = Sources()
        self._checked_holder: str | None = None
        self.sorted = 0
        self.gone = 0
        """Images that weren't there any more when they were to be sorted."""

    def add(self, results: Iterable[Result]) -> None:
        """Sort the images of these results.

        Raises:
            RuntimeFailure: A folder can't take one; or one lies in them already, as by a list that names them.
        """
        for result in results:
            path = result.path
            if result.error is not None or path is None:
                continue
            self._check_holder(path)
            folder = os.path.join(self._folder, self._class_folder(result))
            try:
                place(path, folder, self._how, self._sources)
                self.sorted += 1
            except SourceGoneError:
                self.gone += 1

    def _check_holder(self, path: str) -> None:
        holder = os.path.dirname(path)
        if holder == self._checked_holder:  # most images lie beside the one before
            return
        if lies_below(path, self._folder):
            raise RuntimeFailure(
                f"{path} lies in {self._folder}, which images are sorted into: it would be put there twice. Move "
                f"{self._folder} elsewhere, or leave it out of the inputs"
            )
        self._checked_holder = holder

    def _class_folder(self, result: Result) -> str:
        class_ids, scores, label_names = result.class_ids, result.scores, result.label_names
        if not scores:
            return NO_CLASS
        best = max(range(len(scores)), key=scores.__getitem__)
        class_id = class_ids[best] if class_ids else best
        label = label_names[best] if label_names else "".join(self._labels[class_id : class_id + 1])
        if not label:
            return str(class_id)
        name = folder_name(label)
        return f"{name} ({class_id})" if name.casefold() in self._shared else name


@dataclass
class Moves:
    """What became of the files of bad images.

    >>> Moves().moved
    0
    """

    moved: int = 0
    stayed: Counter[str] = field(default_factory=Counter)
    """How many stayed, by the reason."""
    refused: list[str] = field(default_factory=list)
    """What the system said of the first that it didn't let go."""


class BadImageMover:
    """Moves the files of bad images into a folder when a run is over: a run that is resumed needs them in place.

    Only images that themselves are bad are moved: a model that fails, or a disk that can't be read just now, says
    nothing of an image. Folders and archives are never moved. Until the end a list keeps the paths of all bad ones. The
    list names its run, and each file as it was: another run's list is discarded, and a file that was changed or
    replaced meanwhile stays.

    Args:
        folder: Made if need be.
        list_path: Of the list; is there only from the first bad image to the end.
    """

    def __init__(self, folder: str, list_path: str) -> None:
        self._folder = folder
        self.list_path = list_path
        self._head = b""
        self._list: BinaryIO | None = None
        self.moves = Moves()

    def begin(self, run_id: str) -> None:
        """Say which run it is; a list that an earlier process of this run left is gone on with.

        Raises:
            RuntimeFailure: Something else has the list's name.
        """
        self._head = LIST_KIND + run_id.encode() + b"\n"
        discard_list(self.list_path, but=self._head)

    def add(self, results: Iterable[Result]) -> None:
        """Note the bad ones among these results.

        Raises:
            RuntimeFailure: The list can't be written.
        """
        bad = [
            f"{result.error.stage}\t{_facts_of(result.path)}\t{result.path}\0"
            for result in results
            if result.error is not None and result.path is not None
        ]
        if not bad:
            return
        with told_as_failure(self.list_path):
            if self._list is None:
                self._list = open_list(self.list_path)
                if not self._list.seek(0, os.SEEK_END):
                    self._list.write(self._head)
                self._list.write(b"\0")  # behind an entry that a kill cut short, which thus has no path
            self._list.write(os.fsencode("".join(bad)))

    def finish(self) -> None:
        """Move those that can be, and remove the list. `moves` says what came of it."""
        self.close()
        if not os.path.lexists(self.list_path):
            return
        with open_list(self.list_path) as noted:
            if noted.readline(len(self._head)) == self._head:
                for entry in _nul_separated(noted):
                    stage, _, rest = entry.partition("\t")
                    facts, _, path = rest.partition("\t")
                    if path:
                        self._finish_one(path, stage, facts)
        with suppress(FileNotFoundError):
            os.unlink(self.list_path)

    def _finish_one(self, path: str, stage: str, facts: str) -> None:
        stayed, refused = self.moves.stayed, self.moves.refused
        if stage not in STAGES_OF_THE_IMAGE:
            stayed["with machine errors" if stage == "machine" else f"failed at {stage}"] += 1
        elif is_stream(path):
            stayed["from a pipe"] += 1
        elif is_of_archive(path) or os.path.isdir(path):
            stayed["in archives"] += 1
        elif not (found := _facts_of(path)):
            pass  # is noted twice and moved, or somebody else has taken it
        elif found != facts:
            stayed["changed since"] += 1
        else:
            try:
                self.moves.moved += move(path, self._folder) != path
            except SourceGoneError:
                pass
            except RuntimeFailure as error:
                stayed[CANNOT_BE_MOVED] += 1
                refused.extend([str(error)] if len(refused) < MOST_REFUSED else [])

    def close(self) -> None:
        """Close the list and leave it."""
        if self._list is not None:
            self._list.close()
            self._list = None


def open_list(path: str) -> BinaryIO:
    """Open a list of bad images, made if need be.

    Raises:
        RuntimeFailure: It can't be opened, or isn't this user's alone.
    """
    return open(open_own_file(os.fsencode(path), fresh=False), "r+b", buffering=0)


def discard_list(path: str, *, but: bytes = b"") -> None:
    """Remove the list of a run that is over, or was started over; `but` is how a list begins that stays.

    Raises:
        RuntimeFailure: What is there isn't such a list.
    """
    if not os.path.lexists(path):
        return
    with open_list(path) as found:
        head = found.read(max(len(but), len(LIST_KIND)))
    if but and head == but:
        return
    if not head.startswith(LIST_KIND[: len(head)]):
        raise RuntimeFailure(
            f"{path} is in the way: a run keeps its bad images there. Move that file, or choose another output"
        )
    os.unlink(path)


def _facts_of(path: str) -> str:
    """Tell one file from another that has its name later; "" when there is none."""
    try:
        status = os.lstat(path)
    except OSError:
        return ""
    return f"{status.st_dev}:{status.st_ino}:{status.st_size}:{status.st_mtime_ns}"


def _nul_separated(file: BinaryIO) -> Iterable[str]:
    rest = b""
    while block := file.read(1 << 20):
        *whole, rest = (rest + block).split(b"\0")
        yield from map(os.fsdecode, whole)
