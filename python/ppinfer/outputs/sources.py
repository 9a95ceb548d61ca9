"""An image's bytes once more: of a file, or of a member that was read in place from an archive."""

from __future__ import annotations

import os
import tarfile
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from ppinfer import _core

SEPARATOR = "::"
ARCHIVE_ENDINGS = tuple(_core.archive_endings())

_DAMAGED = (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)


class SourceGoneError(Exception):
    """An image that was classified can't be read any more."""


def is_of_archive(path: str) -> bool:
    """Whether a record's path is that of a member, or of an archive.

    >>> is_of_archive("shard.tar::a/b.jpg"), is_of_archive("shard.TAR"), is_of_archive("a/b.jpg")
    (True, True, False)
    """
    return path.lower().endswith(ARCHIVE_ENDINGS) or is_member(path)


def is_member(path: str) -> bool:
    """Whether a record's path is that of a member."""
    return SEPARATOR in path and not os.path.lexists(path)


class Sources:
    """Opens images by their records' paths. The archive of the last one stays open: its members come in its order."""

    def __init__(self) -> None:
        self._archive: _Tar | _Zip | None = None

    @contextmanager
    def open(self, path: str) -> Iterator[tuple[IO[bytes], int]]:
        """Give an image's bytes, and when it was changed, in ns.

        Raises:
            SourceGoneError: There is no such file, or no such member.
        """
        if is_member(path):
            content, modified_ns = self._member(path)
        else:
            try:
                content = open(path, "rb")  # noqa: SIM115
            except OSError as error:
                raise SourceGoneError(f"{path}: {error.strerror}") from error
            modified_ns = os.fstat(content.fileno()).st_mtime_ns
        with content:
            yield content, modified_ns

    def close(self) -> None:
        """Close the archive that is still open."""
        if self._archive is not None:
            self._archive.close()
        self._archive = None

    def _member(self, path: str) -> tuple[IO[bytes], int]:
        archive, member = split_member(path)
        try:
            if self._archive is None or self._archive.path != archive:
                self.close()
                self._archive = _Zip(archive) if zipfile.is_zipfile(archive) else _Tar(archive)
            found = self._archive.find(os.path.normpath(member))
        except (OSError, *_DAMAGED) as error:
            raise SourceGoneError(f"{path}: {error}") from error
        if found is None:
            raise SourceGoneError(f"{path}: the archive has no such member")
        return found


class _Tar:
    def __init__(self, path: str) -> None:
        self.path = path
        self._tar = tarfile.open(path)  # noqa: SIM115

    def find(self, name: str) -> tuple[IO[bytes], int] | None:
        """Look onward from the last one, then once from the start; a hard link's bytes are those of its target."""
        info = self._onward(name) or self._from_start(name)
        target = self._from_start(os.path.normpath(info.linkname)) if info is not None and info.islnk() else info
        if info is None or target is None or not target.isreg():
            return None
        content = self._tar.extractfile(target)
        assert content is not None  # a regular file
        return content, int(info.mtime * 10**9)

    def close(self) -> None:
        self._tar.close()

    def _from_start(self, name: str) -> tarfile.TarInfo | None:
        self.close()
        self._tar = tarfile.open(self.path)  # noqa: SIM115
        return self._onward(name)

    def _onward(self, name: str) -> tarfile.TarInfo | None:
        while (info := self._tar.next()) is not None:
            self._tar.members = []  # type: ignore[attr-defined]  # else it remembers all of a million
            if os.path.normpath(info.name) == name and not info.isdir():
                return info
        return None


class _Zip:
    def __init__(self, path: str) -> None:
        self.path = path
        self._zip = zipfile.ZipFile(path)
        # Of several of one name the first is the one that was classified.
        self._infos = {zip_name(info): info for info in reversed(self._zip.infolist())}

    def find(self, name: str) -> tuple[IO[bytes], int] | None:
        info = self._infos.get(name)
        if info is None:
            return None
        return self._zip.open(info), int(time.mktime((*info.date_time, 0, 0, -1))) * 10**9

    def close(self) -> None:
        self._zip.close()


def zip_name(info: zipfile.ZipInfo) -> str:
    """Without the mark of UTF-8 a name is read as code page 437; a record has its bytes."""
    is_utf8 = info.flag_bits & 0x800
    return os.path.normpath(info.filename if is_utf8 else os.fsdecode(info.filename.encode("cp437")))


def split_member(path: str) -> tuple[str, str]:
    """Tell the archive from the member, of a path that is a member's.

    >>> split_member("no such shard.tar::a/b.jpg")
    ('no such shard.tar', 'a/b.jpg')
    """
    place = path.find(SEPARATOR)
    while not os.path.isfile(path[:place]):
        onward = path.find(SEPARATOR, place + 1)
        if onward < 0:
            break
        place = onward
    return path[:place], path[place + len(SEPARATOR) :]
