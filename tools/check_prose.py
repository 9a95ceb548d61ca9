"""Lists words and names that STYLE.md rules out, and what proselint finds, in documents, messages, help and comments.

    tools/check_prose.py [FILE...]      without FILE: the repository except its tests; exit code 1 on any finding

The vocabulary is STYLE.md: in its tables, a phrase in backticks in the column "not" is a finding, and the column "but"
or "term" is the suggestion. `…` in a phrase stands for one to three words, or for the rest of a word. Prose is Markdown
without its code, and comments, docstrings and string literals of code; the other words of code are names, which are
split at underscores and capitals.
"""

import re
import subprocess
import sys
from bisect import bisect_right
from itertools import accumulate, chain
from pathlib import Path

from proselint.checks import __register__ as english
from proselint.registry import CheckRegistry
from proselint.registry.checks import Check, types

ROOT = Path(__file__).resolve().parent.parent
SEARCHED = (
    "*.md",
    "configs/*.txt",
    "cpp",
    "python",
    "docs/*.py",
    "examples",
    "tools",
    "cmake",
    ".ci",
    "CMakeLists.txt",
    "pyproject.toml",
)
# proselint's checks that misread code: annotations (check_files.py has them), typographic signs (this repository is in
# ASCII), words repeated across punctuation, dates, `color` (PaddleClas' spelling in keys), and "for every", which
# passes for an old "for ever".
UNUSED = ("annotations", "typography", "lexical_illusions", "dates_times", "spelling.consistency", "archaism")

_STRING = r"""[rbfuRBFU]{0,2}(?:"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')"""
_C = re.compile(rf'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|\b\d[\'\w.]*|{_STRING}|`[^`]*`', re.DOTALL)
_PYTHON = re.compile(rf'#[^\n]*|[rf]?"""(?:\\.|.)*?"""|{_STRING}', re.DOTALL)
_SHELL = re.compile(r"(?<!\S)#[^\n]*|\"(?:\\.|[^\"\\])*\"|'[^']*'", re.DOTALL)
LITERALS = {".cc": _C, ".h": _C, ".in": _C, ".js": _C, ".py": _PYTHON, ".pyi": _PYTHON}
# Code, links and tags.
_MARKDOWN_CODE = re.compile(
    r"^```.*?^```|^    [^\n]*|`[^`\n]*`|\]\([^)]*\)|\{[{%].*?[}%]\}|<[^<>]*>", re.DOTALL | re.MULTILINE
)
_MARKUP = re.compile(r"^#[!:][^\n]*|//+|\\.|^[#>*|-]+|(?<!\S)#+|[\"'`]{1,3}|\{[^{}\n]*\}|\w+[_/]\w+", re.MULTILINE)


def _blank(text: str, sign: str = " ") -> str:
    """As many lines as the text has, and a sign in the place of the rest."""
    return sign + "\n" * text.count("\n")


def _prose_and_names(path: Path) -> tuple[str, str]:
    """The file's prose and its names, both on the lines where the file has them."""
    text = path.read_text(encoding="utf-8")
    if path.suffix in (".md", ".j2") or path.parent.name == "configs":
        return _MARKDOWN_CODE.sub(lambda match: _blank(match[0], " ` "), text), ""
    prose, names, end = [], [], 0
    for match in LITERALS.get(path.suffix, _SHELL).finditer(text):
        code = text[end : match.start()]
        names.append(code + _blank(match[0]))
        # Literals with only blanks between them are one text, and so are the lines of a comment.
        prose.append(_blank(code, " " if code.isspace() else " ` "))
        prose.append(_MARKUP.sub(" ", match[0]) if not match[0][0].isdigit() else " ` ")
        end = match.end()
    names.append(text[end:])
    words = re.sub(r"[^\w\n]+", " ` ", "".join(names))
    return "".join(prose), re.sub(r"_+|(?<=[a-z0-9])(?=[A-Z])", " ", words)


def vocabulary(style: str) -> dict[str, str]:
    """Patterns of phrases that STYLE.md rules out, each with what it suggests."""
    forms: dict[str, str] = {}
    columns: list[str] = []
    for line in style.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if not cells or not columns:
            columns = cells
        elif "not" in columns:
            row = dict(zip(columns, cells, strict=True))
            for phrase in re.findall("`([^`]+)`", row["not"]):
                pattern = re.escape(phrase).replace(r"\ ", " ").replace("…", "⟨…⟩")
                pattern = re.sub(r"(?<!\w)⟨…⟩(?!\w)", r"\\w+(?: \\w+){0,2}", pattern).replace("⟨…⟩", r"\w+")
                forms[pattern.replace(" ", r"\s+")] = row.get("but") or row["term"]
    return forms


def findings(files: list[Path], style: str) -> list[tuple[Path, int, str]]:
    """File, line, and what was found with what to write."""
    ours = Check(types.PreferredForms(vocabulary(style)), path="style", message="{1!r}: write {0!r} (STYLE.md)")
    found = set()
    # All files' prose is one text, and so are their names: proselint takes a second for each 100 texts.
    pairs = [_prose_and_names(path) for path in files]
    for texts, checks in zip(zip(*pairs, strict=True), ([ours, *_of_proselint()], [ours]), strict=True):
        ends = list(accumulate(text.count("\n") + 1 for text in texts))
        document = "\n" + "\n".join(texts) + "\n"  # proselint's patterns need something before and behind
        for _, message, (start, stop), _ in chain.from_iterable(check.check_with_flags(document) for check in checks):
            phrase = document[start:stop]
            line = document.count("\n", 0, start + len(phrase) - len(phrase.lstrip())) - 1
            index = bisect_right(ends, line)
            found.add((files[index], line - (ends[index - 1] if index else 0) + 1, " ".join(message.split())))
    return sorted(found)


def _of_proselint() -> list[Check]:
    registry = CheckRegistry()
    if not registry.checks:
        registry.register_many(tuple(check for check in english if not check.path.startswith(UNUSED)))
    return registry.get_all_enabled()


def main() -> int:
    """Checks the files on the command line, or all."""
    listed = (
        sys.argv[1:] or subprocess.check_output(["git", "ls-files", "--", *SEARCHED], cwd=ROOT, text=True).splitlines()
    )
    files = [(ROOT / name).resolve() for name in listed]
    wrong = findings(files, (ROOT / "STYLE.md").read_text(encoding="utf-8"))
    for path, line, text in wrong:
        print(f"{path.relative_to(ROOT)}:{line}: {text}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
