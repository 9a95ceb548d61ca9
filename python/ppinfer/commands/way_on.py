"""The command that goes on with a stopped run, as it can be pasted into a shell."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Sequence

WITHOUT_VALUE = ("--resume", "--force")
LIMIT = "--max-errors"


def way_on(command: Sequence[str], *, over_limit: bool = False) -> str:
    """Say how a run goes on: a line of words, and the command set in below it.

    Args:
        command: Its own, with the program's file first.
        over_limit: It was stopped by --max-errors, which would stop it again at once and so is left out.
    """
    words = "To go on from there"
    if over_limit:
        words += ", without a limit on errors"
    if _reads_list_from_stdin(command):
        words += ", with the same list on standard input"
    return f"{words}:\n  {resuming(command, over_limit=over_limit)}"


def resuming(command: Sequence[str], *, over_limit: bool = False) -> str:
    """Give the command alone.

    >>> resuming(["no/such/ppinfer", "classify", "-m", "my model", "--force", "photos"])
    "no/such/ppinfer classify --resume -m 'my model' photos"
    """
    options, operands = _parted(command[1:])
    kept: list[str] = []
    rest = iter(options)
    for word in rest:
        if over_limit and word == LIMIT:
            next(rest, None)
        elif word not in WITHOUT_VALUE and not (over_limit and word.startswith(f"{LIMIT}=")):
            kept.append(word)
    place = kept.index("classify") + 1 if "classify" in kept else 0
    words = [*_program(command[0]), *kept[:place], "--resume", *kept[place:], *operands]
    return " ".join(map(_quoted, words))


def _parted(words: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Part what may be options from what stands behind "--", which never is one."""
    end = words.index("--") if "--" in words else len(words)
    return words[:end], words[end:]


def _reads_list_from_stdin(command: Sequence[str]) -> bool:
    options, _ = _parted(command)
    return "--list=-" in options or any(options[i : i + 2] == ["--list", "-"] for i in range(len(options)))


def _program(file: str) -> list[str]:
    """Give the words that start it here: its name alone where the shell finds it by that."""
    name = os.path.basename(file)
    if name == "__main__.py":
        return [sys.executable, "-m", "ppinfer"]
    found = shutil.which(name)
    is_found = found is not None and os.path.exists(file) and os.path.samefile(found, file)
    return [name if is_found else file]


def _quoted(word: str) -> str:
    r"""Quote a word; one that can't be shown, as bytes that aren't UTF-8, in the way of bash, zsh and ksh.

    >>> print(_quoted("caf\udce9's.jpg"), _quoted("it's"))
    $'caf\351\047s.jpg' 'it'"'"'s'
    """
    if word.isprintable():
        return shlex.quote(word)
    content = os.fsencode(word)
    return "$'" + "".join(chr(b) if 32 <= b < 127 and b not in b"'\\" else f"\\{b:03o}" for b in content) + "'"
