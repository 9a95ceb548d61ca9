"""The content of images that records name: files, and members of archives as `shard.tar::a/b.jpg`."""

from __future__ import annotations

import lzma
import os
import posixpath
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ppinfer.outputs.sources import is_member, split_member, zip_name

LARGEST_MEMBER = 1 << 28  # bytes; a larger one gets no thumbnail


class ImageContent(NamedTuple):
    """What there is of one image."""

    path: str
    """As in its record."""
    content: bytes | None
    """Of a member; None for a file, which is read by its path, and beside a problem."""
    problem: str = ""
    """Why there is nothing."""


def read_images(paths: Iterable[str]) -> Iterator[ImageContent]:
    """Give the images: files first, then the members of one archive after the other, each in one pass.

    One at a time, so that memory holds no more than its user keeps.
    """
    archives: dict[str, dict[str, str]] = {}
    for path in paths:
        if is_member(path):
            archive, member = split_member(path)
            archives.setdefault(archive, {})[posixpath.normpath(member)] = path
        elif not path:
            yield ImageContent(path, None, "the record has no path")
        elif not os.path.exists(path):
            yield ImageContent(path, None, "there is no such file any more, seen from this folder")
        elif not os.path.isfile(path):  # records may name a device or a FIFO, which would never end
            yield ImageContent(path, None, "isn't a regular file")
        else:
            yield ImageContent(path, None)
    for archive, wanted in archives.items():
        yield from _read_archive(archive, wanted)


def _read_archive(archive: str, wanted: dict[str, str]) -> Iterator[ImageContent]:
    """Give the members; `wanted` is member -> path, and what is left in it wasn't found."""
    problem = f"{archive} has no such member"
    try:
        if not stat.S_ISREG(os.stat(archive).st_mode):
            raise OSError("isn't a regular file")
        if zipfile.is_zipfile(archive):
            yield from _read_zip(archive, wanted)
        else:
            yield from _read_tar(archive, wanted)
    except (OSError, tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError) as error:
        problem = f"{archive}: {getattr(error, 'strerror', None) or error}"
    for path in wanted.values():
        yield ImageContent(path, None, problem)


def _read_zip(archive: str, wanted: dict[str, str]) -> Iterator[ImageContent]:
    with zipfile.ZipFile(archive) as opened:
        for member in opened.infolist():
            path = wanted.pop(zip_name(member), None)
            if path is None:
                continue
            if member.file_size > LARGEST_MEMBER:
                yield ImageContent(path, None, f"it has {member.file_size} bytes")
                continue
            try:
                yield ImageContent(path, opened.read(member))
            except (RuntimeError, NotImplementedError) as error:  # encrypted, or packed by another method
                yield ImageContent(path, None, str(error))


def _read_tar(archive: str, wanted: dict[str, str]) -> Iterator[ImageContent]:
    links: dict[str, list[str]] = {}
    yield from _pass_over_tar(archive, wanted, links)
    for target in _pass_over_tar(archive, {name: name for name in links}, {}):
        for path in links.pop(posixpath.normpath(target.path)):
            yield target._replace(path=path)
    wanted.update({path: path for paths in links.values() for path in paths})


def _pass_over_tar(archive: str, wanted: dict[str, str], links: dict[str, list[str]]) -> Iterator[ImageContent]:
    """Give the members; of those that are hard links, `links` gets what they lead to."""
    with tarfile.open(archive, encoding="utf-8", errors="surrogateescape") as opened:
        while wanted and (member := opened.next()) is not None:
            opened.members = []  # type: ignore[attr-defined]  # else it keeps all headers of the archive
            linked_or_read = member.isfile() or member.islnk()
            path = wanted.pop(posixpath.normpath(member.name), None) if linked_or_read else None
            if path is None:
                continue
            if member.islnk():
                links.setdefault(posixpath.normpath(member.linkname), []).append(path)
                continue
            if member.size > LARGEST_MEMBER:
                yield ImageContent(path, None, f"it has {member.size} bytes")
                continue
            extracted = opened.extractfile(member)
            assert extracted is not None  # a regular file
            yield ImageContent(path, extracted.read())
