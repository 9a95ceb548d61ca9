"""Text that the site takes from the program: config keys, commands, C++ headers, and the speed tables.

A page marks the place by a line `<!-- generated: NAME -->`.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import typer.main
from sphinx.application import Sphinx

from cpp_headers import escaped, headers_as_markdown
from ppinfer.commands import app as ppinfer_app
from ppinfer.config_fields import FIELDS

ROOT = Path(__file__).resolve().parent.parent
EFFECTS = {
    "decoded": "the decoded pixels",
    "resized": "the resized pixels",
    "tensor": "the tensor",
    "logits": "the model's output",
    "result": "the results",
    "classes": "the classes and their names",
    "output": "files beside the records",
    "speed": "only speed, memory and checks at load",
    "nothing": "nothing",
}
GROUPS = {"model": "Model", "engine": "Engine", "preprocess": "Preprocessing", "postprocess": "Postprocessing"}


def insert(app: Sphinx, docname: str, source: list[str]) -> None:
    """Replace the marked lines of a page, and let links to a key lead to that key (an event handler of Sphinx)."""
    source[0] = re.sub(r"\[`\w+`\]\((?:\.\./reference/)?keys\.md#(\w+)\)", r"{confval}`\1`", source[0])
    source[0] = re.sub(r"^<!-- generated: (\w+) -->$", lambda mark: TEXTS[mark[1]](), source[0], flags=re.MULTILINE)


def config_keys() -> str:
    """Make a section for each group of keys, from the field table."""
    parts = []
    for group, title in GROUPS.items():
        parts.append(f"## {title}\n")
        for field in FIELDS.values():
            if field.group != group:
                continue
            facts = [f"Changes {EFFECTS[field.effect]}."]
            facts += ["`ppinfer tune` searches this key."] * field.tuned
            facts += ["Guessed if unset."] * field.guessed_when_unset
            facts += ["Only engine paddle uses this key."] * field.paddle_only
            facts += ["A key of PaddleClas' C++ deployment."] * field.legacy
            expected = field.expected + (f", in {field.unit}" if field.unit else "")
            default = f"`{field.default_value}`" if field.default_value else "unset"
            parts.append(
                f"```{{confval}} {field.name}\n:type: {expected}\n:default: {default}\n\n"
                f"{_with_links(field.help, field.name)}\n\n{' '.join(facts)}\n```\n"
            )
    return "\n".join(parts)


def _with_links(text: str, own_key: str) -> str:
    """Escape the signs of Markdown, and link the names of other keys."""

    def link(word: re.Match[str]) -> str:
        key = word[0].replace("\\", "")
        return f"{{confval}}`{key}`" if key in FIELDS and key != own_key else word[0]

    return re.sub(r"(?<!`)\b[a-z]+(?:\\_[a-z0-9]+)+\b", link, escaped(text))


def commands() -> str:
    """Make a section for each command, from the program's own help."""
    parts = [_command(context) for context in _contexts(typer.main.get_command(ppinfer_app), "ppinfer", None)]
    clas_system = shutil.which("clas_system")
    if clas_system is None:
        raise FileNotFoundError("clas_system is not on PATH: the commands' page shows its help")
    shown = subprocess.run([clas_system, "--help"], check=True, capture_output=True, text=True).stdout
    return "\n".join([*parts, "## clas_system\n", f"```text\n{shown.rstrip()}\n```\n"])


def _contexts(command, name: str, parent) -> Iterator:
    context = command.make_context(name, [], parent=parent, resilient_parsing=True)
    yield context
    for child in command.list_commands(context) if hasattr(command, "list_commands") else []:
        yield from _contexts(command.get_command(context, child), child, context)


def _command(context) -> str:
    command, path = context.command, context.command_path
    usage = command.get_usage(context).removeprefix("Usage: ")
    parts = [f"## {path}\n", f"```text\n{usage}\n```\n"]
    for paragraph in re.split(r"\n\s*\n", (command.help or "").strip()):
        text = " ".join(paragraph.split())
        parts.append(f"```text\n{text}\n```\n" if text.startswith("ppinfer ") else f"{_with_flags(text)}\n")
    parts.append(f"```{{program}} {path}\n```\n")
    for param in command.get_params(context):
        record = param.get_help_record(context)
        if record is None or "--help" in param.opts:
            continue
        names, text = record
        if param.param_type_name == "argument":
            parts.append(f"`{names}`\n: {_with_flags(text)}\n")
        else:
            parts.append(f"````{{option}} {names}\n{_with_flags(text)}\n````\n")
    return "\n".join(parts)


def _with_flags(text: str) -> str:
    """Escape the signs of Markdown, and mark flags as code."""
    return re.sub(r"(?<![\w`-])--[a-z][\w-]*", r"`\g<0>`", escaped(" ".join(text.split())))


def speed_ratios() -> str:
    """Make the table of ratios from the committed run of tests/bench/peers."""
    run = json.loads((ROOT / "tests/bench/peers/published.json").read_text(encoding="utf-8"))
    pairs = [(ratio["of"], ratio["to"]) for ratio in run["matches"][0]["ratios"]]
    head = ["ppinfer : other", *(f"{of[1]} : {to[0]} {to[1]}" for of, to in pairs)]
    lines = ["| " + " | ".join(head) + " |", "|---|" + "--:|" * len(pairs)]
    for match in run["matches"]:
        lines.append("| " + " | ".join([match["model"], *(f"{r['median']:.2f}" for r in match["ratios"])]) + " |")
    return "\n".join(lines)


TEXTS = {
    "keys": config_keys,
    "commands": commands,
    "headers": lambda: headers_as_markdown(ROOT / "cpp/include/ppinfer"),
    "speed": speed_ratios,
}
