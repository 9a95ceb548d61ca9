"""Every engine computes what Paddle's plain executor does: a sample of tests/bench/op_pairs, which tries them all."""

import subprocess
import sys
from pathlib import Path

import pytest

from conftest import PACKAGE

BENCH = Path(__file__).resolve().parents[1] / "bench/op_pairs"
NETS = 17

pytestmark = pytest.mark.skipif(
    not (PACKAGE / "lib/ppinfer_engines/libppinfer_paddle.so").exists(), reason="this build lacks engine paddle"
)


def bench(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(BENCH), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def row(table: str, form: str, run_by: str) -> dict[str, int]:
    head, *lines = ([cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if "|" in line)
    (cells,) = (cells for cells in lines if cells[:2] == [form, run_by])
    return dict(zip(head[2:6], map(int, cells[2:6]), strict=True))


def refused_by(text: str, form: str, run_by: str) -> str:
    """The names in all of its groups, one for each reason."""
    groups = text.split("\n\n")
    return "\n".join(group for group in groups if group.startswith(f"{form}, {run_by}, refused"))


def test_a_sample_of_nets_has_the_plain_executors_scores():
    done = bench("--sample", NETS)
    assert done.returncode == 0, done.stdout + done.stderr
    pir = row(done.stdout, "pir", "ppinfer paddle fp32")
    assert pir["wrong"] == pir["crashed"] == 0, done.stdout
    assert pir["right"] >= NETS - 6, done.stdout  # Paddle itself refuses some, such as layer norms over whole images
    classic = row(done.stdout, "pdmodel", "ppinfer paddle fp32")
    assert classic["right"] >= NETS // 3
    assert classic["wrong"] == classic["crashed"] == 0, done.stdout
    assert classic["refused"] == 1, done.stdout
    for form in ("pir", "pdmodel"):
        assert "bare_bn.relu" in refused_by(done.stdout, form, "ppinfer paddle fp32"), "it would crash oneDNN"
    assert "bare_bn.relu" not in refused_by(done.stdout, "pir", "ppinfer openvino fp32")


def test_the_bench_names_what_is_wrong_and_what_crashes():
    """Of Paddle's default passes, which engine paddle doesn't take as they are."""
    pooled = ("conv_bn.max_pool.silu", "conv.max_pool.gelu")  # OpenVINO's CPU plugin swaps their last two operations
    done = bench("--nets", "fc.swish.relu", "conv.leaky_relu", "conv.relu", *pooled, "--forms", "pir", "--before")
    before = row(done.stdout, "pir", "paddle fp32")
    assert before == {"right": 3, "wrong": 1, "crashed": 1, "refused": 0}, done.stdout
    assert "fc.swish.relu (off by" in done.stdout
    assert "conv.leaky_relu (crash (SIGSEGV))" in done.stdout
    assert row(done.stdout, "pir", "ppinfer paddle fp32")["right"] == 5
    assert row(done.stdout, "pir", "ppinfer openvino fp32")["right"] == 5
