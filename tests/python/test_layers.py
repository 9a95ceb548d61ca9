"""tools/check_layers.py and tools/check_files.py find what is planted."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def check(script: str, checkout: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, ROOT / "tools" / script, checkout]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def plant(checkout: Path, name: str, text: str) -> None:
    path = checkout / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_this_checkout_is_clean() -> None:
    done = check("check_layers.py", ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("cpp/src/core/a.cc", '#include "config/parser.h"', "core may not see config"),
        ("cpp/src/decode/a.cc", '#include "preprocess/plan.h"', "decode may not see preprocess"),
        ("cpp/src/output/a.cc", '#include "executor/lane.h"', "output may not see executor"),
        ("cpp/src/executor/a.cc", '#include "predictor.h"', None),  # a neighbour's name
        ("cpp/src/executor/a.cc", '#include "predictor/predictor.h"', "executor may not see predictor"),
        ("cpp/cli/a.cc", '#include "config/parser.h"', "cli may not see config"),
        ("python/bindings/a.cc", '#include "engine/engine.h"', "bindings may not see engine"),
        ("cpp/include/ppinfer/a.h", '#include "core/rgb_image.h"', "public may not see core"),
        ("cpp/engines/paddle/a.cc", '#include "decode/decoder.h"', "engines/paddle may not see decode"),
        ("cpp/src/postprocess/a.cc", "#include <opencv2/core.hpp>", "opencv2/core.hpp isn't in the list"),
        ("cpp/src/preprocess/a.cc", "#include <jpeglib.h>", "belongs in decode only"),
        ("cpp/src/output/a.cc", "#include <yaml-cpp/yaml.h>", "belongs in config only"),
        ("cpp/src/config/a.cc", "#include <CLI/CLI.hpp>", "belongs in cli only"),
        (
            "cpp/engines/paddle/a.cc",
            "#include <openvino/openvino.hpp>",
            "belongs in engines/openvino and engines/openvino/pir only",
        ),
        ("cpp/engines/openvino/a.cc", '#include "paddle/phi/api/all.h"', "belongs in engines/paddle only"),
        ("cpp/cli/a.cc", "#  include <pybind11/pybind11.h>", "belongs in bindings only"),
        (
            "cpp/src/core/a.cc",
            "#include <boost/any.hpp>",
            "isn't in the list of headers of C++, POSIX and third parties",
        ),
        ("cpp/src/attic/a.cc", "", "its folder isn't in tools/check_layers.py"),
        ("cpp/src/decode/a.cc", '#include "core/rgb_image.h"\n#include <vector>\n#include <sys/stat.h>', None),
        (
            "python/ppinfer/predictor.py",
            "from ppinfer.commands import a",
            "to commands, which predictor may not import",
        ),
        ("python/ppinfer/predictor.py", "from . import report", "belongs to report, which predictor may not import"),
        ("python/ppinfer/predictor.py", "def f():\n    import paddle", "paddle belongs in measure and model only"),
        (
            "python/ppinfer/result.py",
            "from . import run",
            "belongs to run, which results may not import",
        ),
        ("python/ppinfer/outputs/a.py", "from ppinfer import Error", "belongs to predictor, which run may not import"),
        ("python/ppinfer/model/a.py", "from ..measure import b", "belongs to measure, which model may not import"),
        ("python/ppinfer/measure/tune/a.py", "from ppinfer.model import b", "to model, which measure may not import"),
        ("python/ppinfer/measure/tune/a.py", "from ..reference import b\nfrom ppinfer import _core, Error", None),
        ("python/ppinfer/commands/a.py", "import torch", "torch isn't in the list of third parties"),
        ("python/ppinfer/commands/a.py", "import sys\nfrom ..predictor import Predictor\nimport rich.table", None),
    ],
)
def test_planted_import(tmp_path: Path, name: str, text: str, told: str | None) -> None:
    plant(tmp_path, name, text)
    done = check("check_layers.py", tmp_path)
    if told is None:
        assert (done.returncode, done.stdout) == (0, "layers: all imports point one way\n")
    else:
        assert done.returncode == 1
        assert name in done.stdout
        assert told in done.stdout


MARK = "TO" + "DO"  # in two parts, so that this file passes the check itself


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("cpp/src/core/a.cc", "\n" * 401, "401 lines, 400 at most"),
        ("cpp/src/core/a.cc", "\n" * 400, None),
        ("notes.bin", "x" * 500_001, "500001 bytes, 500000 at most"),
        ("tools/a", f"# {MARK} later", f"a {MARK} that doesn't say why it waits"),
        ("tools/a", f"# {MARK} goes when OpenCV 5 is in Debian; until then: slow", None),
    ],
)
def test_planted_file(tmp_path: Path, name: str, text: str, told: str | None) -> None:
    plant(tmp_path, name, text)
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    subprocess.run(["git", "-C", tmp_path, "add", "."], check=True)
    done = check("check_files.py", tmp_path)
    assert done.returncode == (told is not None), done.stdout
    assert (told or "all within bounds") in done.stdout
