"""The public C++ headers as Markdown: comments become text, declarations become code.

The headers' comments are plain `//`, which Doxygen and libclang's tools leave out.
"""

import re
from pathlib import Path

# Headers in the order in which a reader needs them; further ones follow by name.
FIRST = ("predictor.h", "config.h", "image.h", "result.h", "error.h", "types.h", "run.h", "record_writer.h")
NAME = re.compile(r"^(?:template <.*> ?)?(?:enum class|struct|class) (\w+)|^using (\w+)|(\w+)\(", re.MULTILINE)


def headers_as_markdown(folder: Path) -> str:
    """Make one section for each header."""
    files = sorted(folder.glob("*.h"), key=lambda path: (path.name not in FIRST, _rank(path.name), path.name))
    return "\n\n".join(_header(path) for path in files)


def _rank(name: str) -> int:
    return FIRST.index(name) if name in FIRST else 0


def _header(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    about, _, rest = text.partition("#pragma once")
    body = re.search(r"^namespace ppinfer \{\n(.*)^\}  // namespace ppinfer", rest, re.DOTALL | re.MULTILINE)
    parts = [f"## {path.name}\n", f"`#include <ppinfer/{path.name}>`\n", _prose(about.splitlines())]
    for declaration in _declarations(body[1] if body else ""):
        parts.append(_declaration(declaration))
    return "\n".join(part for part in parts if part)


def _declarations(body: str) -> list[list[str]]:
    """Split what is between the braces of the namespace at blank lines and comments where no brace is open."""
    found: list[list[str]] = [[]]
    depth = 0
    for line in body.splitlines():
        if not line.strip() and depth == 0:
            found.append([])
            continue
        if line.startswith("//") and depth == 0 and found[-1] and not found[-1][-1].startswith("//"):
            found.append([])
        code = line.partition("//")[0]
        depth += sum(code.count(sign) for sign in "{(") - sum(code.count(sign) for sign in "})")
        found[-1].append(line)
    return [lines for lines in found if lines]


def _declaration(lines: list[str]) -> str:
    comment = []
    while lines and lines[0].startswith("//"):
        comment.append(lines.pop(0))
    code = _public_part(lines)
    if not code or re.fullmatch(r"(?:class|struct) \w+;", "\n".join(code)):  # a forward declaration
        return _prose(comment)
    name = NAME.search("\n".join(code))
    title = f"### {next(filter(None, name.groups()))}\n" if name else ""
    return "\n".join([title, _prose(comment), "```cpp", *code, "```\n"])


def _public_part(lines: list[str]) -> list[str]:
    """Leave out `private:` and the rest of a class behind it, up to the closing brace."""
    kept = []
    private = False
    for line in lines:
        if re.fullmatch(r" private:", line):
            private = True
        elif re.match(r" (public|protected):|\}", line):
            private = False
        if not private:
            kept.append(line)
    while len(kept) > 1 and not kept[-2].strip():
        del kept[-2]
    return kept


def _prose(comment: list[str]) -> str:
    """Join the lines of a comment; a line that is indented stays on its own, as in a list of formats."""
    lines = [line.removeprefix("//").removeprefix(" ") for line in comment if line.startswith("//")]
    if any(line.startswith("  ") for line in lines):
        return "```text\n" + "\n".join(lines) + "\n```\n"
    paragraphs = "\n".join(lines).split("\n\n")
    return "\n\n".join(escaped(" ".join(text.split())) for text in paragraphs) + "\n"


def escaped(text: str) -> str:
    """Escape the signs of Markdown outside of code."""
    pieces = re.split(r"(`[^`]*`)", text)
    pieces[::2] = [re.sub(r"([*<\[_])", r"\\\1", piece) for piece in pieces[::2]]
    return "".join(pieces)
