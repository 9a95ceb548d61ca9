"""The parts of a benchmark one by one: rounds, percentiles, tolerances, what a baseline tells."""

import copy
import itertools
import json
import random
import re
import signal
import statistics
from pathlib import Path
from types import SimpleNamespace

import pytest

from conftest import write_config
from ppinfer import BadImageError, Error, Result, _core
from ppinfer.config_values import load_config
from ppinfer.measure.benchmark.baseline import compare_figures, differences, load_report
from ppinfer.measure.benchmark.figures import STAGES, Figure, measure_stages, statistics_ms
from ppinfer.measure.benchmark.tolerances import TOLERANCES
from ppinfer.measure.throughput import Rounds, ThroughputMeter
from ppinfer.measure.tune.sample import Sample
from ppinfer.measure.tune.space import Candidate
from ppinfer.measure.tune.trial import Trial, Trials


def fake_predictor(folder: Path, model: str = "", config: str = "") -> _core.Predictor:
    return _core.Predictor(load_config(write_config(folder, model, config), []))


@pytest.fixture
def photos(photo_folder) -> list[str]:
    return sorted(map(str, photo_folder(6).iterdir()))


class LanesWorld:
    """In the place of the core's lanes, and of the clock: lanes that take so long an image, and never wait."""

    def __init__(self, ms_per_image: float) -> None:
        self.ms_per_image = ms_per_image
        self.now_s = 0.0
        self.paths: list[bytes] = []
        """Of the last run: what it goes over, again and again."""

    def commit(self, monkeypatch: pytest.MonkeyPatch) -> "LanesWorld":
        monkeypatch.setattr(_core, "measure_rounds", self.measure_rounds)
        monkeypatch.setattr("ppinfer.measure.throughput.time", SimpleNamespace(monotonic=lambda: self.now_s))
        return self

    def pass_by(self, seconds: float) -> None:
        self.now_s += seconds

    def measure_rounds(self, predictor: _core.Predictor, paths: list[bytes], rounds: int, round_images: int) -> Rounds:
        lanes = predictor.config.lanes
        batch_size = predictor.config.effective["batch_size"].value
        images = rounds * round_images + 2 * lanes * batch_size

        def done_ms(image: int) -> float:
            """When its batch is."""
            last_of_batch = min(images, (image // batch_size + 1) * batch_size) - 1
            before = image // batch_size // lanes * batch_size
            return (before + last_of_batch % batch_size + 1) * self.ms_per_image

        marks = [done_ms(lanes * batch_size + number * round_images - 1) for number in range(rounds + 1)]
        self.paths = paths
        wall_ms = max(map(done_ms, range(images)))
        self.pass_by(wall_ms / 1e3)
        round_ms = [after - before for before, after in itertools.pairwise(marks)]
        return _core.RunSummary(images=images, errors=0, skipped=0, lanes=lanes, wall_s=wall_ms / 1e3), round_ms


# ---- Measuring -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("batch_size", [1, 4])
def test_rounds_are_timed_without_what_leads_and_follows(tmp_path, photos, batch_size):
    predictor = fake_predictor(tmp_path / "m", "delay_ms 4", f"lanes 1\nbatch_size {batch_size}\n")
    run, round_ms = _core.measure_rounds(predictor, photos, rounds=3, round_images=8)
    assert (run.images, run.errors, run.lanes) == (3 * 8 + 2 * batch_size, 0, 1)
    assert len(round_ms) == 3
    assert min(round_ms) >= 4 * 8 / batch_size
    assert sum(round_ms) < 1e3 * run.wall_s
    assert sum(run.stage_s.values()) <= run.wall_s  # one lane's
    assert run.stage_s["infer"] >= 0.004 * run.images / batch_size


def test_images_are_left_out_where_a_pass_takes_too_long(tmp_path, photos, monkeypatch):
    LanesWorld(ms_per_image=20).commit(monkeypatch)
    predictor = fake_predictor(tmp_path / "m", config="lanes 1\n")
    assert ThroughputMeter(predictor, photos, round_s=1, warmup_s=0.02).paths == photos
    assert ThroughputMeter(predictor, photos, round_s=0.039, warmup_s=0.02).paths == photos[::2]
    assert ThroughputMeter(predictor, photos, round_s=0.0001, warmup_s=0).paths == photos[:1]


@pytest.mark.parametrize("batch_size", [1, 8, 32])
def test_the_rate_of_lanes_whose_time_is_known_is_measured_whatever_the_batch(
    tmp_path, photos, monkeypatch, batch_size
):
    world = LanesWorld(ms_per_image=5).commit(monkeypatch)
    predictor = fake_predictor(tmp_path / "m", config=f"lanes 2\nbatch_size {batch_size}\n")
    for images, round_s in ((photos, 0.2), (photos[:5], 0.2), (photos, 0.001), (photos, 2)):
        meter = ThroughputMeter(predictor, images, round_s=round_s, warmup_s=0.05)
        assert meter.round_images % (2 * batch_size) == 0
        assert meter.measure_rate() == pytest.approx(2 * 1000 / 5)
        each = [world.paths.count(path.encode()) for path in meter.paths]
        assert sum(each) == meter.round_images
        assert max(each) - min(each) <= 1


def test_a_round_that_ends_within_a_batch_is_refused(tmp_path, photos):
    predictor = fake_predictor(tmp_path / "m", config="lanes 2\nbatch_size 4\n")
    said = "a round of 12 images would end within a batch: expected a multiple of 8, a batch of each lane"
    with pytest.raises(Error, match=said):
        _core.measure_rounds(predictor, photos, rounds=1, round_images=12)
    assert _core.measure_rounds(predictor, photos, rounds=2, round_images=16)[0].images == 2 * 16 + 2 * 8


@pytest.mark.parametrize("batch_size", [1, 8, 32])
def test_how_long_a_measurement_of_the_tuner_takes_is_known_before(tmp_path, photos, monkeypatch, batch_size):
    """Also where a batch of each lane takes longer than a measurement should."""
    world = LanesWorld(ms_per_image=5).commit(monkeypatch)
    predictor = fake_predictor(tmp_path / "m", config=f"lanes 2\nbatch_size {batch_size}\n")
    sample = Sample(photos * 4, [Result(path) for path in photos * 4])
    trials = Trials(None, [], sample, objective="throughput", slice_s=0.4, images_per_s=100)
    trial = Trial(predictor, Candidate("fake", "fp32", 2, 1, batch_size), trials)
    monkeypatch.setattr(trial, "_latency_ms", lambda seconds: world.pass_by(seconds) or 5.0)
    trial.probe()
    expected_s, start_s = trial.expected_s(), world.now_s
    assert trial.measure().images_per_s == pytest.approx(400)
    assert world.now_s - start_s == pytest.approx(expected_s, rel=0.3)


def test_a_bad_image_is_an_error_of_what_measures(tmp_path, photos):
    predictor = fake_predictor(tmp_path / "m")
    bad = str(tmp_path / "gone.png")
    with pytest.raises(Error, match="3 of 6 images were bad while they were timed"):
        ThroughputMeter(predictor, [bad, *photos], round_s=0.01, warmup_s=0)
    with pytest.raises(BadImageError, match=r"gone\.png"):
        measure_stages(predictor, [*photos, bad], seconds=0)
    with pytest.raises(Error, match="no image to measure"):
        measure_stages(predictor, [], seconds=0)


ENDLESS = {
    "rounds": lambda predictor, photos: _core.measure_rounds(predictor, photos, rounds=1, round_images=100_000),
    "stages": lambda predictor, photos: measure_stages(predictor, photos, seconds=60),
}


@pytest.mark.parametrize("endless", ENDLESS.values(), ids=ENDLESS)
def test_signals_are_heard_while_it_measures(tmp_path, photos, endless):
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    predictor = fake_predictor(tmp_path / "m", "delay_ms 5", "lanes 1\n")
    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        with pytest.raises(KeyboardInterrupt):
            endless(predictor, photos)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert list(measure_stages(predictor, photos, seconds=0)) == list(STAGES)  # it can still be used


def test_percentiles_are_those_of_the_standard_library():
    values = [random.Random(3).lognormvariate(1, 1) for _ in range(997)]
    found = statistics_ms(values)
    hundredths = statistics.quantiles(values, n=100, method="inclusive")
    for percent in (50, 90, 95, 99):
        assert found[f"p{percent}"] == pytest.approx(hundredths[percent - 1])
    assert (found["max"], found["mean"]) == (max(values), pytest.approx(statistics.fmean(values)))


# ---- Tolerances ------------------------------------------------------------------------------------------------------


def test_every_precision_has_a_tolerance():
    (expected,) = re.findall(r"^# Expected: (.*)\.\n#precision ", _core.config_template(), re.MULTILINE)
    choices = set(re.split(r", | or ", expected))
    assert "fp32" in choices
    assert choices - {"auto"} <= set(TOLERANCES)


# ---- Against a baseline ----------------------------------------------------------------------------------------------


@pytest.fixture
def old() -> dict:
    def figure(*rounds: float) -> dict:
        return Figure.of(rounds).as_dict()

    stages = {stage: figure(1.0, 1.1) for stage in (*STAGES, "idle")}
    return {
        "schema": 1,
        "settings": {"mode": "both", "seconds": 10.0, "warmup_s": 1.0},
        "machine": {"cpu": "A", "cpu_features": "avx2", "cpus": 2, "allowed_cpus": 2, "ram_bytes": 1, "kernel": "6"},
        "versions": {"ppinfer": "0.1.0", "engine": "openvino 1", "python": "3.11"},
        "config": {"batch_size": "1", "cls_model_path": "/a/m.onnx"},
        "model": {"files": [{"name": "m.onnx", "bytes": 1, "sha256": "00"}]},
        "images": {"count": 3, "sha256": "11"},
        "throughput": {"images_per_s": figure(100, 102, 104), "stage_ms": stages},
        "bound": {"images_per_s": figure(120, 121), "stage_ms": stages, "share": figure(0.8, 0.9)},
        "latency": {f"{name}_ms": figure(2.0, 3.0) for name in ("p50", "p90", "p95", "p99", "max", "mean")},
    }


def test_figures_side_by_side(old):
    new = copy.deepcopy(old)
    new["throughput"]["images_per_s"] = Figure.of([204, 205, 206]).as_dict()
    new["latency"]["p50_ms"] = Figure.of([3.0, 4.0]).as_dict()
    rows = {row.name: row for row in compare_figures(old, new)}
    assert len(rows) == 3 + 7 + 6
    assert (rows["throughput"].old, rows["throughput"].new, rows["throughput"].beyond_noise) == (102, 205, True)
    assert rows["throughput"].ratio == pytest.approx(205 / 102)
    assert not rows["latency p50"].beyond_noise  # both had a round of 3
    assert (rows["idle, of all lanes"].ratio, rows["idle, of all lanes"].beyond_noise) == (1, False)
    (alone,) = (
        row for row in compare_figures(new, {**new, "bound": {"share": Figure.of([0.5]).as_dict()}}) if row.unit == ""
    )
    assert alone.beyond_noise is None
    assert "latency p50" not in {row.name for row in compare_figures({**old, "latency": None}, new)}
    assert list(differences(old, new)) == []


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (("machine", "cpu"), "B", "machine cpu: A | B"),
        (("machine", "allowed_cpus"), 1, "machine allowed_cpus: 2 | 1"),
        (("config", "batch_size"), "8", "config batch_size: 1 | 8"),
        (("config", "new_key"), "8", "config new_key: none | 8"),
        (("versions", "engine"), "openvino 2", "version of engine: openvino 1 | openvino 2"),
        (("model", "files"), [{"name": "n.onnx", "bytes": 1, "sha256": "01"}], "model: the files differ"),
        (("images", "sha256"), "12", "images: names and sizes differ: 3 images | 3 images"),
        (("settings", "seconds"), 5.0, "settings seconds: 10.0 | 5.0"),
    ],
)
def test_what_else_differs_is_named(old, place, value, said):
    new = copy.deepcopy(old)
    new[place[0]][place[1]] = value
    (found,) = differences(old, new)
    assert found.startswith(said)


def test_the_same_files_elsewhere_are_the_same(old):
    new = {**old, "config": {**old["config"], "cls_model_path": "/b/m.onnx"}}
    assert list(differences(old, new)) == []


LEAST_REPORT = {key: {} for key in ("settings", "machine", "versions", "config", "images")}
LEAST_REPORT |= {"schema": 1, "model": {"files": []}}


def test_a_report_of_another_mode_is_one(tmp_path):
    (tmp_path / "old.json").write_text(json.dumps({**LEAST_REPORT, "throughput": None}))
    assert compare_figures(load_report(str(tmp_path / "old.json")), LEAST_REPORT) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "not a report of ppinfer benchmark"),
        ("[1]", "not a report of ppinfer benchmark"),
        ('{"a": 1}', "not a report of ppinfer benchmark"),
        ('{"schema": 99}', "schema 99, expected 1"),
        ('{"schema": 1, "machine": {}}', "the report lacks settings, versions, config, model, images"),
        (json.dumps({**LEAST_REPORT, "throughput": {"images_per_s": 5}}), "the report is damaged"),
        (json.dumps({**LEAST_REPORT, "latency": {"p50_ms": {"value": 1, "rounds": []}}}), "the report is damaged"),
        (json.dumps({**LEAST_REPORT, "model": 5}), "the report is damaged"),
        (json.dumps({**LEAST_REPORT, "latency": {"p50_ms": {"value": "1", "rounds": [1]}}}), "the report is damaged"),
        (json.dumps({**LEAST_REPORT, "latency": {"p50_ms": {"value": None, "rounds": [1]}}}), "the report is damaged"),
        ("[" * 100_000, "not a report of ppinfer benchmark"),
    ],
)
def test_what_is_no_report(tmp_path, content, said):
    (tmp_path / "old.json").write_text(content)
    with pytest.raises(Error, match=r"old\.json: ") as raised:
        load_report(str(tmp_path / "old.json"))
    assert said in str(raised.value)


def test_a_baseline_of_another_mode_is_told(old, capsys):
    from ppinfer.commands.benchmark import print_comparison

    print_comparison({**old, "throughput": None, "bound": None, "latency": None}, old)
    assert "lacks these figures: it was measured with another --mode" in capsys.readouterr().out
