"""Sizes of what is committed: no source file over 400 lines, nothing over 500 kB; and nothing left undone unsaid.

`tools/check_files.py [CHECKOUT]`; exit 1 when something was found.
"""

import re
import subprocess
import sys
from pathlib import Path

MAX_LINES = 400
LONG_LINES = 200  # reported, not refused
MAX_BYTES = 500_000
SOURCE_SUFFIXES = (".cc", ".cu", ".h", ".py", ".pyi", ".sh", ".cmake")
UNDONE = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")  # needs a reason: "... because ..." or "... until ..."
REASON = re.compile(r"\b(because|until)\b")


def committed_files(root: Path) -> list[Path]:
    listed = subprocess.run(["git", "-C", root, "ls-files", "-z"], check=True, capture_output=True).stdout
    names = [name.decode() for name in listed.split(b"\0") if name]
    return [root / name for name in names if (root / name).is_file()]


def is_source(path: Path) -> bool:
    return path.suffix in SOURCE_SUFFIXES or path.name == "CMakeLists.txt" or path.parent.name == "tools"


def problems_of(path: Path, name: Path) -> list[str]:
    problems = []
    if path.stat().st_size > MAX_BYTES:
        problems.append(f"{name}: {path.stat().st_size} bytes, {MAX_BYTES} at most")
    if not is_source(path):
        return problems
    lines = path.read_text(encoding="utf-8").splitlines()
    if path.suffix == ".pyi":  # one file a module; a decorator and its property are one idea
        lines = [line for line in lines if line.strip() != "@property"]
    if len(lines) > MAX_LINES:
        problems.append(f"{name}: {len(lines)} lines, {MAX_LINES} at most: more than one idea?")
    for number, line in enumerate(lines, 1):
        if (found := UNDONE.search(line)) and not REASON.search(line) and path.name != Path(__file__).name:
            problems.append(f"{name}:{number}: a {found[0]} that doesn't say why it waits")
    return problems


def main() -> int:
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    files = committed_files(root)
    problems = [problem for path in files for problem in problems_of(path, path.relative_to(root))]
    counts = {path: len(path.read_bytes().splitlines()) for path in files if is_source(path)}
    for path, lines in sorted(counts.items(), key=lambda item: -item[1]):
        if lines > LONG_LINES:
            print(f"  {lines} lines  {path.relative_to(root)}")
    print("\n".join(problems) if problems else f"files: {len(files)}, all within bounds")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
