"""`ppinfer benchmark` as a user runs it: right answers are timed, wrong ones refused, and the report has it all.

What the figures mean is tested against the fake engine, whose time is known: `delay_ms` a batch.
"""

import hashlib
import json
import os
import platform
import re
import subprocess
from pathlib import Path

import pytest

import ppinfer
from conftest import SCRIPTS, png, write_config
from on_terminal import OnTerminal
from ppinfer import _core
from ppinfer.measure.benchmark.baseline import load_report
from ppinfer.measure.benchmark.figures import STAGES

TEST_MODELS = Path(os.environ.get("PPINFER_TEST_MODELS", Path(__file__).resolve().parents[2] / "models/tests"))
QUICK = ("--seconds", "0.3", "--warmup-seconds", "0.05")
LATENCIES = ("p50_ms", "p90_ms", "p95_ms", "p99_ms", "max_ms", "mean_ms")


def run(*arguments: object, **options) -> subprocess.CompletedProcess[str]:
    command = [SCRIPTS / "ppinfer", "benchmark", *arguments]
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=300, **options)


def report_of(*arguments: object, code: int = 0, **options) -> dict:
    done = run(*arguments, "--json", "-", **options)
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def refused(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 2, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    return done.stderr


@pytest.fixture(scope="module")
def slow(tmp_path_factory) -> Path:
    """A config whose engine takes 10 ms a batch, and photos."""
    folder = tmp_path_factory.mktemp("slow")
    write_config(folder, model="delay_ms 10", config="lanes 2\n")
    (folder / "photos").mkdir()
    for index in range(8):
        (folder / f"photos/{index}.png").write_bytes(png(index))
    return folder


@pytest.fixture(scope="module")
def report(slow) -> dict:
    return report_of("-c", slow / "config.txt", *QUICK, slow / "photos")


# ---- The report ------------------------------------------------------------------------------------------------------


def test_report_says_where_it_was_made_and_of_what(report, slow):
    assert report["schema"] == 1
    assert report["settings"] == {"mode": "both", "seconds": 0.3, "warmup_s": 0.05}
    machine = report["machine"]
    assert machine["allowed_cpus"] <= len(os.sched_getaffinity(0))
    assert machine["kernel"] == platform.release()
    assert machine["ram_bytes"] > 1e8
    assert "model name" not in machine["cpu"]
    assert machine["cpu"] in Path("/proc/cpuinfo").read_text()
    assert machine["load_average"] >= 0
    assert report["versions"]["ppinfer"] == ppinfer.__version__
    assert report["versions"]["python"] == platform.python_version()
    assert report["versions"]["engine"].startswith("fake")
    assert report["config"]["lanes"] == "2"
    assert report["config"]["topk"] == "5"
    (model,) = report["model"]["files"]
    content = (slow / "model.fake").read_bytes()
    assert model == {"name": "model.fake", "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    images = report["images"]
    size = sum(path.stat().st_size for path in (slow / "photos").iterdir())
    assert (images["count"], images["given"], images["bytes"], images["bad"]) == (8, 8, size, {})
    agreement = report["agreement"]
    assert (agreement["images"], agreement["share"], agreement["largest_difference"]) == (8, 1, 0)
    assert agreement["reference"].startswith("fake engine")


def test_figures_are_those_of_an_engine_whose_time_is_known(report):
    throughput, bound, latency = report["throughput"], report["bound"], report["latency"]
    assert (throughput["lanes"], throughput["threads_per_lane"], throughput["batch_size"]) == (2, 1, 1)
    assert throughput["round_images"] % 8 == 0
    assert throughput["images_per_s"]["value"] < 200  # two lanes of 10 ms an image
    assert throughput["stage_ms"]["infer"]["value"] >= 10
    assert bound["stage_ms"]["infer"]["value"] >= 10
    assert list(bound["stage_ms"]) == list(STAGES)
    assert latency["p50_ms"]["value"] >= 10
    assert [latency[name]["value"] for name in LATENCIES[:5]] == sorted(
        latency[name]["value"] for name in LATENCIES[:5]
    )
    assert latency["images"] >= 5
    assert latency["images"] % 5 == 0  # of five rounds; a slow machine does fewer in each
    for figure in (throughput["images_per_s"], latency["p99_ms"], *throughput["stage_ms"].values()):
        assert len(figure["rounds"]) == 5
    values = throughput["images_per_s"]["rounds"]
    assert throughput["images_per_s"]["value"] == sorted(values)[2]
    assert throughput["images_per_s"]["spread"] == pytest.approx((max(values) - min(values)) / sorted(values)[2])


def test_share_and_idle_are_arithmetic(report):
    throughput, bound = report["throughput"], report["bound"]
    cpus = min(2, report["machine"]["allowed_cpus"])
    for number, sum_ms in enumerate(map(sum, zip(*(f["rounds"] for f in bound["stage_ms"].values()), strict=True))):
        assert bound["images_per_s"]["rounds"][number] == pytest.approx(cpus * 1000 / sum_ms)
        share = throughput["images_per_s"]["rounds"][number] / bound["images_per_s"]["rounds"][number]
        assert bound["share"]["rounds"][number] == pytest.approx(share)
    for number, images_per_s in enumerate(throughput["images_per_s"]["rounds"]):
        spent_ms = sum(figure["rounds"][number] for figure in throughput["stage_ms"].values())
        assert spent_ms == pytest.approx(2 * 1000 / images_per_s)  # of two lanes, idle time among it
    assert throughput["cpu_share"]["value"] < 0.5  # the fake engine sleeps
    assert any("the lanes had a CPU for" in note for note in report["notes"])
    assert any("rounds of 0.06 s are short" in note for note in report["notes"])


def test_modes(slow):
    assert report_of("-c", slow / "config.txt", *QUICK, "--mode", "throughput", slow / "photos")["latency"] is None
    latency = report_of("-c", slow / "config.txt", *QUICK, "--mode", "latency", slow / "photos")
    assert (latency["throughput"], latency["bound"]) == (None, None)
    assert latency["latency"]["threads"] == latency["machine"]["allowed_cpus"]
    keys = ("-o", "threads_per_lane=1", "-o", "lanes=4", "-o", "batch_size=3")
    told = report_of("-c", slow / "config.txt", *QUICK, "--mode", "latency", *keys[:2], *keys[4:], slow / "photos")
    assert told["latency"]["threads"] == 1


def test_one_cpu_is_one_lane(slow):
    config = write_config(slow / "one", model="delay_ms 1")
    arguments = ("-c", config, *QUICK, slow / "photos")
    report = report_of(*arguments, preexec_fn=lambda: os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1]))
    assert report["machine"]["allowed_cpus"] == 1
    assert (report["throughput"]["lanes"], report["latency"]["threads"]) == (1, 1)


def test_tables_are_plain_where_there_is_no_terminal(slow, report, tmp_path):
    (tmp_path / "old.json").write_text(json.dumps({**report, "images": {"sha256": "", "count": 5}}))
    arguments = ("-c", slow / "config.txt", *QUICK, "-o", "save_dir=copies", slow / "photos")
    done = run(*arguments, "--baseline", tmp_path / "old.json", cwd=slow)
    assert done.returncode == 0, done.stderr
    assert not (slow / "copies").exists()
    for name in ("throughput", "roofline", "share", "latency p99", *STAGES, "idle", "sum"):
        assert len(re.findall(rf"^{name} +-?\d", done.stdout, re.MULTILINE)) == 1, done.stdout
    assert "8 of 8 images" in done.stdout
    assert re.search(r"^throughput, images/s +\d+\.\d +\d+\.\d +[01]\.\d{3} +(yes|no) *$", done.stdout, re.MULTILINE)
    (other,) = (line for line in done.stdout.splitlines() if line.startswith("differs (old | new): "))
    assert other.endswith("images: names and sizes differ: 5 images | 8 images")
    assert "─" not in done.stdout
    controller, terminal = os.openpty()
    command = [SCRIPTS / "ppinfer", "benchmark", *arguments]
    child = subprocess.Popen(command, stdout=terminal, stderr=terminal, cwd=slow, env={**os.environ, "TERM": "xterm"})
    os.close(terminal)
    shown = b""
    try:
        while block := os.read(controller, 65536):
            shown += block
    except OSError:  # the other end is closed
        pass
    os.close(controller)
    assert child.wait() == 0
    assert "─".encode() in shown
    assert b" of 5" in shown  # which round


# ---- What isn't timed ------------------------------------------------------------------------------------------------


def test_wrong_answers_are_not_timed(slow):
    wrong = write_config(slow / "wrong", config="scale 1/510\n")  # sees half the brightness
    arguments = ("-c", wrong, "--reference", slow / "config.txt", *QUICK, "--mode", "throughput", slow / "photos")
    said = refused(run(*arguments))
    assert "7 of 8 images disagree with fake engine" in said
    assert "12.5 % agree, expected 100 % at precision fp32; nothing is timed" in said
    assert re.search(r"/photos/\d\.png: class \d \([^)]*\), expected \d \([^)]*\)$", said, re.MULTILINE)
    assert "and 2 more" in said
    assert "--agreement" in said
    assert "12.5 % agree, expected 12.6 %" in refused(run(*arguments, "--agreement", "0.126"))
    report = report_of(*arguments, "--agreement", "0.125", "--tolerance", "0.9")
    assert (report["agreement"]["share"], len(report["agreement"]["disagreeing"])) == (0.125, 7)


def made_model(name: str) -> Path:
    path = TEST_MODELS / name
    if not path.exists():
        assert "PPINFER_REQUIRE_MODELS" not in os.environ, f"{path} is missing: tools/test makes it"
        pytest.skip(f"{path} is missing: tools/test makes it")
    return path


@pytest.mark.skipif("vnni" not in _core.cpu_features(), reason="this CPU lacks VNNI: no engine computes in int8")
def test_that_a_quantised_model_is_held_against_itself_is_told(tmp_path):
    (tmp_path / "photo.png").write_bytes(png(3))
    keys = ("-o", "crop_size=32", "-o", "engine=openvino")
    int8 = (*keys, "-o", f"cls_model_path={made_model('tiny_int8.xml')}", "-o", "precision=int8")
    (tmp_path / "source.txt").write_text(f"cls_model_path {made_model('tiny.xml')}\nengine openvino\ncrop_size 32\n")
    arguments = (*int8, *QUICK, "--mode", "latency", tmp_path / "photo.png")
    itself, source = report_of(*arguments), report_of(*arguments, "--reference", tmp_path / "source.txt")
    assert itself["agreement"]["reference"].startswith("the same quantised model in float32: OpenVINO")
    assert source["agreement"]["reference"].startswith("OpenVINO")
    told = [any("--reference CONFIG" in note for note in report["notes"]) for report in (itself, source)]
    assert told == [True, False]


def test_another_engine_is_the_reference_where_one_reads_the_model(tmp_path):
    (tmp_path / "photo.png").write_bytes(png(3))
    keys = ("-o", f"cls_model_path={made_model('tiny.pdmodel')}", "-o", "crop_size=32", "-o", "engine=openvino")
    report = report_of(*keys, *QUICK, "--mode", "latency", tmp_path / "photo.png")
    assert report["agreement"]["reference"].startswith("Paddle")
    assert report["agreement"]["share"] == 1
    assert report["model"]["description"].startswith("OpenVINO")
    assert [file["name"] for file in report["model"]["files"]] == ["tiny.pdmodel", "tiny.pdiparams"]


def test_bad_images_are_named_and_left_out(slow, tmp_path):
    (tmp_path / "bad.png").write_bytes(b"nonsense")
    arguments = (
        "-c",
        slow / "config.txt",
        *QUICK,
        "--mode",
        "latency",
        slow / "photos",
        tmp_path,
        tmp_path / "gone.png",
    )
    done = run(*arguments, "--json", tmp_path / "report.json")
    assert done.returncode == 1
    assert f"left out: {tmp_path}/bad.png: decode: not an image" in done.stderr
    assert f"left out: {tmp_path}/gone.png: read: " in done.stderr
    report = load_report(str(tmp_path / "report.json"))
    assert (report["images"]["count"], report["images"]["given"], len(report["images"]["bad"])) == (8, 10, 2)
    assert "none of 1 images can be classified" in refused(run("-c", slow / "config.txt", tmp_path / "bad.png"))


def test_limit_takes_images_from_all_over(slow):
    report = report_of("-c", slow / "config.txt", *QUICK, "--mode", "latency", "--limit", "3", slow / "photos")
    assert (report["images"]["count"], report["images"]["given"]) == (3, 8)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["EMPTY"], "no images in "),
        (["PHOTOS", "--mode", "fast"], "fast: expected throughput, latency or both"),
        (["PHOTOS", "--seconds", "0"], "--seconds"),
        (["PHOTOS", "--baseline", "nowhere.json"], "nowhere.json: No such file"),
        (["PHOTOS", "--baseline", "PHOTOS/0.png"], "not a report of ppinfer benchmark"),
        (["PHOTOS", "--seconds", "inf"], "inf: expected a finite number"),
        (["PHOTOS", "--warmup-seconds", "nan"], "--warmup-seconds"),
        (["PHOTOS", "--json", "net.onnx"], "--json net.onnx: that is a model's name"),
        (["PHOTOS", "-o", "topkk=3"], "-o topkk=3: unknown key"),
        (["PHOTOS", "--batch-size", "3"], "keys are set by -o batch_size=3"),
        (["PHOTOS", "--reference", "nowhere"], "nowhere"),
        (["PHOTOS", "-o", "class_num=3"], "class_num is 3"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_timed(slow, tmp_path, arguments, said):
    words = [word.replace("PHOTOS", str(slow / "photos")).replace("EMPTY", str(tmp_path)) for word in arguments]
    # It would be timed for far longer than run() waits.
    assert said in refused(run("-c", slow / "config.txt", "--seconds", "1000", *words))


def test_ctrl_c(slow, tmp_path):
    """In a round that takes far longer than the test waits."""
    command = [SCRIPTS / "ppinfer", "benchmark", "-c", slow / "config.txt", "--seconds", "5000", slow / "photos"]
    running = OnTerminal([*command, "--json", tmp_path / "report.json"])
    running.wait_until_it_shows("throughput, round 1 of 5")
    assert running.interrupt() == (130, b""), running.shown
    assert "Traceback" not in running.shown
    assert "interrupted; no report is written" in running.shown
    assert not (tmp_path / "report.json").exists()
