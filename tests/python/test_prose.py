"""tools/check_prose.py finds STYLE.md's words in every kind of text, and none in help as the programs print it."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

import check_prose
from ppinfer import _core
from ppinfer.commands import app

ROOT = Path(__file__).resolve().parents[2]
STYLE = (ROOT / "STYLE.md").read_text(encoding="utf-8")
TABLE = "| not | but |\n|---|---|\n| `is no`, `goes on` | is not a |\n| `made of … by` | from |\n| `untold` | unset |\n"


def found(folder: Path, name: str, text: str) -> list[str]:
    """Line and phrase of each finding."""
    file = folder / name
    file.write_text(text)
    return [f"{line}: {text}" for _, line, text in check_prose.findings([file], TABLE)]


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("a.md", "# A\n\nThis is\nno door.\n", 3),
        ("a.cc", '// It\n// goes\n// on.\nint a = 1\'000;\nconst char* b = "say";\n', 2),
        ("a.cc", 'const char* a =\n    "a file " "is "\n    "no image";\n', 2),
        ("a.h", "\n\nvoid keys_untold();\n", 3),
        ("a.h", "struct UntoldKeys {};\n", 1),
        ("a.py", 'A = f"{path} is no image"\n', 1),
        ("a.py", 'def f():\n    """Run.\n\n    A row made of\n    two by two.\n    """\n', 4),
        ("a.py", "# Run; it goes on.\n", 1),
        ("a.sh", "# Run; it goes on.\n", 1),
        ("a.sh", 'echo "it is no file"\n', 1),
        ("a.js", "const text = `it is no file`;\n", 1),
        ("a.j2", "<p>{{ rows }}\n<b>It</b> goes on</p>\n", 2),
    ],
)
def test_a_phrase_is_found_on_its_line(tmp_path, name, text, line):
    (finding,) = found(tmp_path, name, text)
    assert finding.startswith(f"{line}: ")
    assert "(STYLE.md)" in finding


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.md", "`goes on` and\n\n```sh\nthis is no text\n```\n"),
        ("a.cc", 'const char* a = "this is"; const char* b = "no text";\n'),
        ("a.py", "if a is b: no(1)\n"),
        ("a.md", "This is not a door; it resumes.\n"),
    ],
)
def test_code_and_other_words_are_left_alone(tmp_path, name, text):
    assert found(tmp_path, name, text) == []


def test_every_phrase_of_the_style_is_a_rule(tmp_path):
    forms = check_prose.vocabulary(STYLE)
    assert {r"untold", r"goes\s+on", r"is\s+no"} <= forms.keys()
    phrases = [re.sub(r"\\w\+(?:\(.*?\)\{0,2\})?", "word", form).replace(r"\s+", " ") for form in forms]
    file = tmp_path / "a.md"
    file.write_text("\n\n".join(phrases))
    lines = {line for _, line, _ in check_prose.findings([file], STYLE)}
    assert lines == {2 * index + 1 for index in range(len(phrases))}


def test_proselint_reads_the_prose(tmp_path):
    (finding,) = found(tmp_path, "a.py", '"""The files are very unique."""\n')[:1]
    assert finding.startswith("1: ")


def test_help_as_it_is_printed(tmp_path):
    group = get_command(app)
    context = group.make_context("ppinfer", ["config"], resilient_parsing=True)
    texts = {"ppinfer": group.get_help(context), "template": _core.config_template()}
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        texts[name] = command.get_help(command.make_context(name, [], parent=context, resilient_parsing=True))
    files = []
    for name, text in texts.items():
        files.append(tmp_path / f"{name}.md")
        files[-1].write_text(text.replace("│", " ").replace("    ", ""))
    assert [(path.name, text) for path, _, text in check_prose.findings(files, STYLE)] == []
    assert len(texts) > 8
    assert all(path.read_text().strip() for path in files)
