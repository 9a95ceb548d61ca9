"""Imports point one way, and a third party is seen in its own folder only. Lists every line that breaks that.

    core <- config, decode, preprocess, engine, postprocess, output, input <- executor <- predictor <- cli, bindings
    core, output, input <- run <- cli, bindings

and in Python

    results, config <- run <- predictor <- measure, model, report, ray <- commands

`tools/check_layers.py [CHECKOUT]`; exit 1 when something was found.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

# Room (folder or file) -> the folders it may include. Every folder may include the public headers and itself.
MIDDLE = ("config", "decode", "preprocess", "engine", "postprocess", "output", "input")
MAY_INCLUDE = {
    "public": (),
    "core": (),
    **dict.fromkeys(MIDDLE, ("core",)),
    "executor": ("core", *MIDDLE),
    "run": ("core", "input", "output"),
    "predictor": ("core", "executor", "score_use", "save_dir", *MIDDLE),
    "save_dir": ("core", "output", "postprocess"),
    "score_use": ("engine", "postprocess"),
    "config_report": ("config", "engine"),
    "postprocess_scores": ("config", "postprocess", "save_dir"),
    "error": (),
    "result": (),
    "cli": ("core",),
    "bindings": (),
    "engines/model": ("core", "engine"),
    "engines/openvino": ("core", "engine", "model", "pir"),
    "engines/openvino/pir": ("core", "engine", "model"),
    "engines/paddle": ("core", "engine", "model"),
}

# How an include of a third party starts -> the folders that may have it.
THIRD_PARTY_HEADERS = {
    "jpeglib.h": ("decode",),
    "jerror.h": ("decode",),
    "png.h": ("decode",),
    "tiffio.h": ("decode",),
    "webp/": ("decode",),
    "avif/": ("decode",),
    "hwy/": ("preprocess",),
    "yaml-cpp/": ("config",),
    "archive.h": ("input",),
    "archive_entry.h": ("input",),
    "zlib.h": ("input",),
    "bzlib.h": ("input",),
    "lzma.h": ("input",),
    "zstd.h": ("input",),
    "zstd_errors.h": ("input",),
    "CLI/": ("cli",),
    "pybind11/": ("bindings",),
    "Python.h": ("bindings",),
    "openvino/": ("engines/openvino", "engines/openvino/pir"),
    "nlohmann/": ("run", "engines/openvino/pir", "engines/paddle"),
    "paddle/": ("engines/paddle",),
    "paddle_inference_api.h": ("engines/paddle",),
}
PLATFORM_HEADER = re.compile(
    r"[a-z0-9_]+"  # C++
    r"|(assert|cpuid|dirent|dlfcn|errno|fcntl|fnmatch|immintrin|limits|link|poll|pthread|sched|setjmp|signal|stdio|stdlib|unistd)\.h"
    r"|sys/[a-z]+\.h"
)
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:<([^>]+)>|"([^"]+)")')

# Layers of the Python package, the lowest first. A part imports itself and the parts of lower layers.
PYTHON_LAYERS = (
    ("results", "config"),
    ("run",),
    ("predictor",),
    ("measure", "model", "report", "ray"),
    ("commands",),
)
# Files and folders directly in ppinfer/ -> their part. A folder with the name of its part has no entry, nor has a file
# of "config". `from ppinfer import NAME` imports __init__, unless NAME is a file or folder there.
PYTHON_PARTS = {
    **dict.fromkeys(("result", "agreement"), "results"),
    "outputs": "run",
    **dict.fromkeys(("__init__", "predictor", "inputs", "decoding", "postprocessing"), "predictor"),
    "__main__": "commands",
}
PYTHON_THIRD_PARTY = {
    "numpy": ("results", "run", "predictor", "measure", "model", "report"),
    "typer": ("commands",),
    "rich": ("commands",),
    "paddle": ("measure", "model"),
    "paddle2onnx": ("model",),
    "onnx": ("model",),
    "openvino": ("model",),
    "nncf": ("model",),
    "cv2": ("measure",),
    "PIL": ("measure", "report"),
    "jinja2": ("measure", "report"),
    "markupsafe": ("report",),
    "matplotlib": ("measure",),
    "pyarrow": ("run", "report", "ray"),
    "ray": ("ray",),
}


def folder_of(source: Path) -> str | None:
    parts = source.parts
    if parts[:2] == ("python", "bindings"):
        return "bindings"
    if parts[:2] == ("cpp", "include"):
        return "public"
    if parts[:2] == ("cpp", "src"):
        return parts[2] if len(parts) > 3 else source.stem
    if parts[:2] == ("cpp", "engines"):
        return "/".join(parts[1:4] if parts[3] == "pir" else parts[1:3])
    if parts[:2] == ("cpp", "cli"):
        return "cli"
    return None


def listed(names: tuple[str, ...]) -> str:
    return " and ".join([*([", ".join(names[:-1])] if names[:-1] else []), names[-1]])


def include_problem(folder: str, header: str, quoted: bool) -> str | None:
    owners = next((folders for start, folders in THIRD_PARTY_HEADERS.items() if header.startswith(start)), None)
    if owners is not None:
        return None if folder in owners else f"belongs in {listed(owners)} only"
    if header.startswith("ppinfer/"):
        return None
    if not quoted:
        return (
            None
            if PLATFORM_HEADER.fullmatch(header)
            else "isn't in the list of headers of C++, POSIX and third parties"
        )
    if "/" not in header:  # a neighbour in the same folder
        return None
    target = header.split("/")[0]
    if target in (folder, folder.split("/")[-1]) or target in MAY_INCLUDE[folder]:
        return None
    return f"{folder} may not see {target}"


def cpp_problems(root: Path) -> Iterator[str]:
    sources = [path for top in ("cpp", "python/bindings") for path in sorted((root / top).rglob("*"))]
    for path in sources:
        source = path.relative_to(root)
        if path.suffix not in (".h", ".cc", ".cu"):
            continue
        folder = folder_of(source)
        if folder not in MAY_INCLUDE:
            yield f"{source}: its folder isn't in tools/check_layers.py"
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if match := INCLUDE.match(line):
                header = match[1] or match[2]
                if problem := include_problem(folder, header, quoted=match[1] is None):
                    yield f"{source}:{number}: {header} {problem}"


def imported_modules(tree: ast.AST, package: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """Absolute names of what a file of `package` imports, with their lines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield node.lineno, name.name
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*base, *([node.module] if node.module else [])))
            if module == "ppinfer":  # `from ppinfer import x`: x may be a part
                yield from ((node.lineno, f"ppinfer.{name.name}") for name in node.names)
            else:
                yield node.lineno, module


def part_of(name: str) -> str:
    """Give the part of a file or folder directly in ppinfer/."""
    is_part = any(name in layer for layer in PYTHON_LAYERS)
    return PYTHON_PARTS.get(name, name if is_part else "config")


def import_problem(part: str, module: str, siblings: set[str]) -> str | None:
    names = module.split(".")
    if names[0] in sys.stdlib_module_names:
        return None
    if names[0] != "ppinfer":
        owners = PYTHON_THIRD_PARTY.get(names[0])
        if owners is None:
            return "isn't in the list of third parties"
        return None if part in owners else f"belongs in {listed(owners)} only"
    if names[1:2] == ["_core"]:
        return None
    target = part_of(names[1] if names[1:2] and names[1] in siblings else "__init__")
    lower = [one for layer in PYTHON_LAYERS[: layer_of(part)] for one in layer]
    return None if target in (part, *lower) else f"belongs to {target}, which {part} may not import"


def layer_of(part: str) -> int:
    return next(number for number, layer in enumerate(PYTHON_LAYERS) if part in layer)


def python_problems(root: Path) -> Iterator[str]:
    package_dir = root / "python/ppinfer"
    siblings = {*PYTHON_PARTS, *(part for layer in PYTHON_LAYERS for part in layer)}
    siblings |= {path.stem for path in package_dir.glob("*")}
    for path in sorted(package_dir.rglob("*.py")):
        source = path.relative_to(root)
        inside = path.relative_to(package_dir).with_suffix("").parts
        package = ("ppinfer", *inside[:-1])
        for number, module in imported_modules(ast.parse(path.read_text(encoding="utf-8")), package):
            if problem := import_problem(part_of(inside[0]), module, siblings):
                yield f"{source}:{number}: {module} {problem}"


def main() -> int:
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    problems = [*cpp_problems(root), *python_problems(root)]
    print("\n".join(problems) if problems else "layers: all imports point one way")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
