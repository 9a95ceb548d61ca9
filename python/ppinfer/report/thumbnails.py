"""Small pictures of some images of a run."""

from __future__ import annotations

import io
import os
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice

from PIL import Image

from ppinfer._core import BadImageError, RuntimeFailure, is_member_path
from ppinfer.decoding import decode
from ppinfer.report.image_bytes import ImageContent, read_images
from ppinfer.report.sampling import evenly, first_distinct
from ppinfer.report.tally import Row

SIDE_PX = 160  # the longer one
QUALITY = 70  # of WebP: some 4 kB a photo
MOST_BYTES = 4_000_000  # of all, before base64 makes them a third larger

Read = Callable[[Iterable[str]], Iterable[ImageContent]]


@dataclass(frozen=True)
class Thumbnails:
    """What became of the rows chosen."""

    pictures: dict[int, bytes] = field(default_factory=dict)
    """Row -> WebP."""
    problems: dict[int, str] = field(default_factory=dict)
    """Row -> why there is none."""


def choose(rows: Sequence[Row], count: int) -> list[int]:
    """Choose rows to picture: all, or up to a quarter least certain, up to a quarter beside errors, and others evenly.

    A bad image itself is chosen where it could be decoded, which is seldom. The others come last and mixed, so that a
    limit on bytes thins them out evenly.
    """
    good = [place for place, row in enumerate(rows) if _decodable(row)]
    if len(good) <= count:
        return good
    chance = random.Random(0)
    least = sorted((place for place in good if rows[place].best == rows[place].best), key=lambda p: rows[p].best)
    beside = evenly(list(_beside_errors(rows)), count // 4)
    others = evenly(good, count)
    chance.shuffle(others)
    return first_distinct([least[: count // 4], beside, others], count)


def make(rows: Sequence[Row], chosen: Iterable[int], *, read: Read = read_images) -> Thumbnails:
    """Make the thumbnails on all CPUs; after MOST_BYTES, the other rows get a text instead."""
    made = Thumbnails()
    places: dict[str, list[int]] = {}
    for place in chosen:
        places.setdefault(rows[place].path, []).append(place)
    members = {path for path in places if is_member_path(os.fsencode(path))}
    paths = [path for path in places if path not in members]
    paths += sorted(members, key=lambda path: places[path][0])  # as they lie in their archives, one after the other
    used = 0
    for path, picture, problem in _pictures(read(paths)):
        used += len(picture)
        for place in places[path]:
            if used > MOST_BYTES:
                made.problems[place] = f"the page's {MOST_BYTES / 1e6:g} MB of thumbnails are used up"
            elif picture:
                made.pictures[place] = picture
            else:
                made.problems[place] = problem
    return made


def _decodable(row: Row) -> bool:
    return bool(row.path) and (row.error is None or row.error[0] not in ("read", "decode"))


def _beside_errors(rows: Sequence[Row]) -> Iterator[int]:
    """Give the records just before and after a bad one."""
    for place, row in enumerate(rows):
        around = rows[max(0, place - 1) : place + 2]
        if _decodable(row) and any(near.error and abs(near.number - row.number) <= 1 for near in around):
            yield place


def _pictures(images: Iterable[ImageContent]) -> Iterator[tuple[str, bytes, str]]:
    """Give path, WebP, problem. A few images at a time: they are read faster than they are decoded."""
    threads = len(os.sched_getaffinity(0))
    source = iter(images)
    with ThreadPoolExecutor(threads) as pool:
        while some := list(islice(source, 4 * threads)):
            yield from pool.map(_picture, some)


def _picture(image: ImageContent) -> tuple[str, bytes, str]:
    if image.problem:
        return image.path, b"", image.problem
    try:
        pixels = decode(image.path if image.content is None else image.content)
    except BadImageError as error:
        return image.path, b"", f"{error.stage}: {error.message}"
    except RuntimeFailure as error:  # of the machine
        return image.path, b"", str(error)
    picture = Image.fromarray(pixels)
    picture.thumbnail((SIDE_PX, SIDE_PX), Image.Resampling.BICUBIC)
    file = io.BytesIO()
    picture.save(file, "WEBP", quality=QUALITY)
    return image.path, file.getvalue(), ""
