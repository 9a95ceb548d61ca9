"""The config.txt that a search ends in: the user's own, with the tuned keys replaced."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from ppinfer._core import Error
from ppinfer.config_fields import is_path
from ppinfer.config_values import load_config
from ppinfer.measure.tune.space import TUNED_KEYS
from ppinfer.overrides import quoted

if TYPE_CHECKING:
    from ppinfer.overrides import GivenKey


def write_config(
    path: str, config: str | None, given: Sequence[GivenKey], tuned: Mapping[str, str], comments: Iterable[str]
) -> None:
    """Write the config with the tuned keys and paths relative to its own folder; then load the file and compare.

    Args:
        path: The file, which is replaced if it is there.
        config: The user's own config; None: the keys say it all.
        given: Keys that win over it. They are written as well.
        tuned: A value for each tuned key.
        comments: Lines for the head of the file, without their #.

    Raises:
        Error: It can't be written, or doesn't mean the same.
    """
    folder = os.path.dirname(os.path.abspath(path))
    lines = [*(f"# {printable(line)}".rstrip() for line in comments), ""]
    lines += _own_lines(config, given, folder)
    lines += [_line(key, value, folder) for key, value, _ in given if key not in TUNED_KEYS]
    lines += ["", "# What was found."]
    lines += [f"{key} {value}" for key, value in tuned.items()]
    try:
        file, draft = tempfile.mkstemp(dir=folder, prefix=f".{os.path.basename(path)}.", suffix=".txt")
        try:
            with os.fdopen(file, "wb") as stream:
                stream.write(os.fsencode("\n".join(lines) + "\n"))
            _check_meaning(draft, config, given, tuned)
            with open(draft, "ab") as stream:
                stream.write(os.fsencode("".join(line + "\n" for line in _unsaid_lines(draft, config, given))))
            os.chmod(draft, 0o666 & ~_umask())
            os.replace(draft, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(draft)
            raise
    except OSError as error:
        raise Error(f"{path}: can't be written: {error.strerror}") from None


def printable(text: str) -> str:
    r"""Make one line of a text: paths may hold anything.

    >>> printable("a\nb")
    'a\\nb'
    """
    return re.sub(r"[\x00-\x1f\x7f]", lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def _own_lines(config: str | None, given: Sequence[GivenKey], folder: str) -> list[str]:
    """Give the lines of the user's config that still hold, its comments among them."""
    if config is None:
        return []
    replaced = {*TUNED_KEYS, *(key for key, _, _ in given)}
    rows = load_config(config, given).effective
    if config.endswith((".yml", ".yaml")):
        return [_line(key, row.text, folder) for key, row in rows.items() if row.line and key not in replaced]
    with open(config, "rb") as stream:
        text = os.fsdecode(stream.read()).removeprefix(os.fsdecode(b"\xef\xbb\xbf"))
    lines = []
    for line in text.split("\n"):
        key, value = (*line.split(None, 1), "", "")[:2]
        if key in replaced:
            continue
        if _is_relative_path(key, value):
            line = f"{key} {quoted(relative(rows[key].text, folder))}"
        lines.append(line.rstrip())
    return lines[:-1] if lines[-1] == "" else lines


def _unsaid_lines(draft: str, config: str | None, given: Sequence[GivenKey]) -> list[str]:
    """State what the user's config states by being one of PaddleClas' deployment, which the new one isn't."""
    own, new = load_config(config, given).effective, load_config(draft, []).effective
    return [f"{key} {row.text}" for key, row in own.items() if new[key].guessed and not row.guessed]


def _is_relative_path(key: str, value: str) -> bool:
    return is_path(key) and not os.path.isabs(value.strip().lstrip("\"'"))


def _line(key: str, value: str, folder: str) -> str:
    if is_path(key) and value:
        value = moved(value, folder)
    return f"{key} {quoted(value)}"


def moved(path: str, folder: str) -> str:
    """Make a path that is relative to the working directory relative to a folder; absolute ones stay.

    >>> moved("models/lite", os.path.abspath("models"))
    'lite'
    """
    return path if os.path.isabs(path) else relative(path, folder)


def relative(path: str, folder: str) -> str:
    """Say where a path leads from a folder."""
    short = os.path.relpath(path, folder)
    # Where links are on the way, ".." leads elsewhere.
    if os.path.realpath(os.path.join(folder, short)) != os.path.realpath(path):
        short = os.path.relpath(os.path.realpath(path), os.path.realpath(folder))
    return f"./{short}" if short[0] in "=:" else short  # which look like mistakes there


def _check_meaning(draft: str, config: str | None, given: Sequence[GivenKey], tuned: Mapping[str, str]) -> None:
    """Hold what was written against what was measured, key by key."""
    others = [key for key in given if key[0] not in tuned]
    wanted = load_config(config, [*others, *((key, value, "tune") for key, value in tuned.items())]).texts
    written = load_config(draft, []).texts
    for key, value in wanted.items():
        read = written[key]
        same = os.path.realpath(value) == os.path.realpath(read) if is_path(key) and value else value == read
        if not same:
            raise Error(f"{key}: the config to be written says {read!r} where {value!r} was measured")


def _umask() -> int:
    umask = os.umask(0)
    os.umask(umask)
    return umask
