"""Files put into a folder, each once: again and again is the same as once, and no file there is ever overwritten."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import IO, Literal, TypeAlias, get_args

from ppinfer._core import RuntimeFailure
from ppinfer.outputs.new_file import open_fresh
from ppinfer.outputs.sources import SourceGoneError, Sources, is_member, is_stream, split_member

How: TypeAlias = Literal["copy", "hardlink", "symlink"]
HOWS: tuple[How, ...] = get_args(How)

_MAX_NAME_BYTES = 255
_NO_SECOND_NAMES = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)  # of a file system without hard links
_CHUNK_BYTES = 1 << 20
_TIME_STEPS_NS = (1, 100, 1000, 10**9, 2 * 10**9)  # of ext4 and XFS, NTFS and SMB, network drives, HFS+, FAT


def place(source: str, folder: str, how: How, sources: Sources) -> str:
    """Put a file, or a copy of an archive's member, into a folder that is made if need be; gives where it is now.

    Where another file has its name, it gets one with a hash of its path: the same in every run. A link to this source,
    or a copy with its content and time, is taken for what an earlier call left. A file that is in the folder stays.

    Raises:
        SourceGoneError: The source can't be read any more.
        RuntimeFailure: The folder can't take it.
    """
    if is_stream(source):
        raise SourceGoneError(f"{source}: came from a pipe")
    takes = {"copy": _copier(sources), "hardlink": _hard_link, "symlink": _symlink}
    take = takes["copy" if is_member(source) else how]
    with _told(f"cannot put {source} into {folder}"):
        os.makedirs(folder, exist_ok=True)
        return source if _is_in(source, folder) else _place(source, folder, take)


def move(source: str, folder: str) -> str:
    """Move a file into a folder that is made if need be, under a name as `place` has it; gives where it is now.

    One that is in the folder already stays as it is, and one that may not be moved has no second name there.

    Raises:
        SourceGoneError: It isn't there; perhaps an earlier call has moved it.
        RuntimeFailure: The folder can't take it, or the file may not be moved.
    """
    with _told(f"cannot move {source} into {folder}"):
        os.makedirs(folder, exist_ok=True)
        if not os.path.lexists(source):
            raise SourceGoneError(f"{source}: is not there any more")
        if _is_in(source, folder):  # its name there is the only one it has: nothing to take away
            return source
        try:
            moved, is_new = _placed(source, folder, _second_name)
        except OSError as error:
            if error.errno not in (*_NO_SECOND_NAMES, errno.EXDEV):
                raise
            moved, is_new = _placed(source, folder, _moved_copy)
        try:
            os.unlink(source)
        except OSError:
            if is_new:
                os.unlink(moved)
            raise
        return moved


def _is_in(source: str, folder: str) -> bool:
    return os.path.lexists(source) and os.path.realpath(os.path.dirname(source)) == os.path.realpath(folder)


def _place(source: str, folder: str, take: Callable[[str, str], bool]) -> str:
    """Try one name after the other; `take` says whether the target is now, or was already, this source's."""
    for name in _names(source):
        target = os.path.join(folder, name)
        if take(source, target):
            return target
    raise RuntimeFailure(f"cannot put {source} into {folder}: other files have all the names that it could have")


def _placed(source: str, folder: str, take: Callable[[str, str], bool]) -> tuple[str, bool]:
    """As `_place`, and whether nothing was there before."""
    taken: list[str] = []

    def take_and_see(source: str, target: str) -> bool:
        was_there = os.path.lexists(target)
        if not take(source, target):
            return False
        taken.extend([] if was_there else [target])
        return True

    return _place(source, folder, take_and_see), bool(taken)


def _names(source: str) -> Iterator[str]:
    """Give the name, then names with ever more of a hash of the whole path."""
    within = split_member(source)[1] if is_member(source) else source
    stem, ending = os.path.splitext(os.path.basename(within))
    digest = _digest(source)
    yield stem + ending
    for digits in (8, 16, 64):
        room = _MAX_NAME_BYTES - digits - 1 - len(os.fsencode(ending))
        yield f"{os.fsdecode(os.fsencode(stem)[:room])}-{digest[:digits]}{ending}"


def _digest(source: str) -> str:
    return hashlib.sha256(os.fsencode(os.path.abspath(source))).hexdigest()


def _symlink(source: str, target: str) -> bool:
    place = os.path.abspath(source)
    try:
        os.symlink(place, target)
    except FileExistsError:
        return os.path.islink(target) and os.readlink(target) == place
    return True


def _hard_link(source: str, target: str) -> bool:
    real = os.path.realpath(source)  # else it would be a second name of a link
    try:
        os.link(real, target)
    except FileExistsError:
        return os.path.exists(target) and os.path.samefile(real, target)
    except FileNotFoundError:
        raise SourceGoneError(f"{source}: is not there any more") from None
    except OSError as error:
        if error.errno in (*_NO_SECOND_NAMES, errno.EXDEV):
            error.strerror = f"{error.strerror}: hard links don't reach there; copy or symlink do"
        raise
    return True


def _second_name(source: str, target: str) -> bool:
    try:
        os.link(source, target, follow_symlinks=False)
    except FileExistsError:
        return os.path.samestat(os.lstat(source), os.lstat(target))
    return True


def _moved_copy(source: str, target: str) -> bool:
    if not os.path.islink(source):
        return _copier(Sources())(source, target)
    try:
        os.symlink(os.readlink(source), target)
    except FileExistsError:
        return os.path.islink(target) and os.readlink(target) == os.readlink(source)
    return True


def _copier(sources: Sources) -> Callable[[str, str], bool]:
    def copy(source: str, target: str) -> bool:
        with sources.open(source) as (content, modified_ns):
            # A name that no other source has: what a kill leaves is replaced by the next try.
            draft = os.path.join(os.path.dirname(target), f".ppinfer-{_digest(source)[:16]}")
            try:
                if os.path.lexists(target):
                    return _is_copy(content, modified_ns, target, draft)
                with open_fresh(draft) as file:
                    shutil.copyfileobj(content, file, _CHUNK_BYTES)
                os.utime(draft, ns=(modified_ns, modified_ns))
                return _publish(draft, target)
            finally:
                with suppress(FileNotFoundError):
                    os.unlink(draft)

    return copy


def _is_copy(content: IO[bytes], modified_ns: int, target: str, draft: str) -> bool:
    if os.path.islink(target) or not os.path.isfile(target) or not _has_time(target, modified_ns, draft):
        return False
    with open(target, "rb") as copy:
        while (ours := content.read(_CHUNK_BYTES)) == copy.read(_CHUNK_BYTES):
            if not ours:
                return True
    return False


def _has_time(target: str, modified_ns: int, draft: str) -> bool:
    """Whether a file was given this time: the file system may keep it in coarse steps, or one it has in its place."""
    kept_ns = os.stat(target).st_mtime_ns
    if any(kept_ns % step == 0 and abs(kept_ns - modified_ns) < step for step in _TIME_STEPS_NS):
        return True
    with open_fresh(draft):  # the years before 1980, say, are 1980 on FAT
        os.utime(draft, ns=(modified_ns, modified_ns))
    return os.stat(draft).st_mtime_ns == kept_ns


def _publish(draft: str, target: str) -> bool:
    """Give a finished copy its name unless it was taken meanwhile."""
    try:
        os.link(draft, target)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_SECOND_NAMES:
            raise
        os.rename(draft, target)
    return True


@contextmanager
def _told(task: str) -> Iterator[None]:
    """Raise what the system says as a RuntimeFailure that names the task."""
    try:
        yield
    except OSError as error:
        raise RuntimeFailure(f"{task}: {error.strerror or error}") from error
