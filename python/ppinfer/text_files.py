"""Files that users name and that are read whole: within bounds."""

from __future__ import annotations

import os
import stat

from ppinfer._core import Error

MOST_BYTES = 64 << 20
"""A million lines of `file class-id` are 50 MB."""


def read_text_file(path: str | os.PathLike[str], *, most_bytes: int = MOST_BYTES) -> str:
    """Read a regular file of UTF-8 text.

    Raises:
        Error: As `read_file`; or it isn't UTF-8.
    """
    content = read_file(path, most_bytes=most_bytes)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        found = f"byte {error.start} is 0x{content[error.start]:02x}"
        raise Error(f"{os.fspath(path)}: is not UTF-8 text: {found}") from None


def read_file(path: str | os.PathLike[str], *, most_bytes: int = MOST_BYTES) -> bytes:
    """Read a regular file.

    Raises:
        Error: It can't be read, is not a regular file, or is longer than `most_bytes`.
    """
    name = os.fspath(path)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a FIFO would wait for its writer
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise Error(f"{name}: is not a regular file")
            content = file.read(most_bytes + 1)
    except OSError as error:
        raise Error(f"{name}: {error.strerror}") from None
    if len(content) > most_bytes:
        raise Error(f"{name}: is longer than {most_bytes >> 20} MiB, the limit for this kind of file")
    return content
