"""The contest of tests/bench/peers: what it takes for agreement, for a failure, and what its tables say.

Contestants are small processes here that answer as they are told; none of the peers is needed.
"""

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import int8 as bench_int8
from conftest import encoded, picture, write_config
from peers import __main__ as peers_main
from peers import chart, table
from peers.agreement import Agreement, judge
from peers.contest import ContestantError, Entry, Outcome, Running, hold, scores_of
from peers.contestants.preparation import Preparation, best_five
from peers.environment import SetupError
from peers.machine import allowed_cpus
from peers.make_model import INFERENCE_YML
from peers.photos import lay_out, share_right, true_classes
from peers.zoo import CONTEST, NETWORKS
from ppinfer import Error, Predictor, _core
from ppinfer.model.config_text import describe_source
from ppinfer.model.source import find_source

BENCH = Path(__file__).resolve().parents[1] / "bench"

FAKE = """\
import os, sys, time
import numpy as np
from peers.contestant import serve

class Fake:
    def __init__(self, task):
        self.does, self.passes = task.precision, 0
        print("chatter of a library", flush=True)
        if self.does == "fails": raise ValueError("no such model")
        if self.does == "is silent": time.sleep(60)

    def go_over_photos(self):
        self.passes += 1
        if self.does == "dies" and self.passes == 3:
            print("out of memory", file=sys.stderr, flush=True)
            os._exit(7)
        time.sleep(0.01)

    def scores(self):
        scores = np.load(SCORES)
        return scores[::-1] if self.does == "answers in another order" else scores

serve(Fake)
"""


@pytest.fixture
def scores() -> np.ndarray:
    logits = np.random.default_rng(5).normal(0, 2, (12, 20))
    exponentials = np.exp(logits)
    return (exponentials / exponentials.sum(axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture
def start(tmp_path: Path, scores: np.ndarray):
    """Starts an entry that does what its module's name says; there are 12 photos."""
    np.save(tmp_path / "expected.npy", scores)
    (tmp_path / "fake.py").write_text(f"SCORES = {str(tmp_path / 'expected.npy')!r}\n{FAKE}")
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(len(scores)):
        (photos / f"{number:02}.jpg").touch()

    def start(entry: Entry) -> Running:
        task = {"folder": str(photos), "model": "", "precision": entry.module, "threads": 2}
        return Running([sys.executable, tmp_path / "fake.py", json.dumps(task)], timeout_s=5)

    return start


def entries(*does: str) -> list[Entry]:
    return [Entry(f"who {what}", what, "fp32") for what in does]


def test_who_fails_drops_out_with_the_reason_and_the_others_go_on(start, scores):
    said: list[str] = []
    does = ("answers", "fails", "dies", "answers in another order", "answers")
    outcomes = hold(entries(*does), start, scores, rounds=3, seconds=0.03, say=said.append)
    well, failed, died, disagrees, also_well = outcomes
    for outcome in (well, also_well):
        assert outcome.problem == ""
        assert outcome.agreement == Agreement(0.0, 0.0, 1.0, 1.0)
        assert outcome.best_classes == scores.argmax(axis=1).tolist()
        assert len(outcome.images_per_s) == 3
        for done in outcome.rounds:
            assert done["images"] % 12 == 0
            assert done["images"] >= 12
            assert done["seconds"] >= 0.03
            assert 0 <= done["share_of_others"] <= 1
    assert failed.problem == "ValueError: no such model"
    assert died.problem.startswith("it ended with exit code 7; its last words:")
    assert died.problem.endswith("  out of memory")
    assert disagrees.problem.startswith("its best class is another than the reference for ")
    assert [outcome.rounds for outcome in (failed, died, disagrees)] == [[], [], []]
    turns = [line.split(":")[0] for line in said if "round" in line]
    assert turns[:3] == ["who answers", "who dies", "who answers"]
    assert "who dies" not in turns[3:]


def test_who_is_silent_is_not_waited_for(start):
    running = start(entries("is silent")[0])
    running._timeout_s = 0.2
    with pytest.raises(ContestantError, match=r"it was silent for 0\.2 s"):
        running.answer()
    running.stop()


def test_a_program_that_is_no_contestant():
    running = Running([sys.executable, "-c", "print('hello')"])
    with pytest.raises(ContestantError, match=r"it said .*hello.*, expected JSON"):
        running.answer()
    with pytest.raises(ContestantError, match="it ended with exit code 0"):
        scores_of(running)
    running.stop()


def with_noise(scores: np.ndarray, share_of_spread: float) -> np.ndarray:
    logits = np.log(scores)
    spread = (logits - logits.mean(axis=0)).std()
    noise = np.random.default_rng(6).normal(0, share_of_spread * spread, scores.shape)
    return np.exp(logits + noise).astype(np.float32)


def test_small_differences_agree_as_the_precision_allows(scores):
    found = judge(with_noise(scores, 0.01), scores, "fp32")
    assert found.problem == ""
    assert found.error == pytest.approx(0.01, rel=0.2)
    assert judge(with_noise(scores, 0.15), scores, "bf16").top1_as_good == 1
    coarse = judge(with_noise(scores, 0.15), scores, "fp32")
    assert "away from the reference, 0.05 at most" in coarse.problem or "best class" in coarse.problem


def test_near_scores_are_told_apart_by_how_they_differ_between_images(scores):
    """As random weights give them: nearly the same for all classes and images."""
    near = (1 / 20 + 1e-5 * (scores - 1 / 20)).astype(np.float64)
    assert judge(near, near, "fp32").problem == ""
    assert judge(near[::-1], near, "bf16").problem != ""
    assert np.abs(near[::-1] - near).max() < 1e-4  # which looks like agreement


def test_a_tie_in_the_reference_may_go_either_way(scores):
    tie, other = scores.copy(), scores.copy()
    tie[:, 3], tie[:, 4], other[:, 3], other[:, 4] = 0.99, 0.99 - 1e-6, 0.99 - 1e-6, 0.99
    found = judge(other, tie, "fp32")
    assert (found.problem, found.top1_same, found.top1_as_good) == ("", 0, 1)


def test_what_can_not_be_judged(scores):
    assert judge(scores[:3], scores, "fp32").problem == "it gives [3, 20] scores, the reference [12, 20]"
    broken = scores.copy()
    broken[2, 2] = math.nan
    assert judge(broken, scores, "bf16").problem == "some of its scores are no numbers"
    flat = np.full_like(scores, 1 / 20)
    assert "nothing can be told" in judge(flat, flat, "fp32").problem


def outcome(name: str, precision: str, *images_per_s: float, problem: str = "") -> Outcome:
    rounds = [{"images": rate, "seconds": 1.0, "share_of_others": 0.25} for rate in images_per_s]
    return Outcome(Entry(name, "", precision), rounds, Agreement(0.001, 0.02, 1.0, 1.0), [], problem)


@pytest.fixture
def match() -> table.Match:
    outcomes = [
        outcome("PaddleClas", "fp32", 10, 20, 10),
        outcome("ONNX Runtime", "fp32", problem="it ended"),
        outcome("OpenVINO, fp32", "fp32", 50, 50, 50),
        outcome("ppinfer, fp32", "fp32", 40, 80, 60),
        outcome("ppinfer, engine paddle", "fp32", 30, 30, 30),
        outcome("ppinfer, bf16", "bf16", 70, 70, 70),
        outcome("ppinfer, engine paddle, bf16", "bf16", 90, 90, 90),
    ]
    return table.Match("Net", outcomes, {"PaddleClas": 0.9})


def test_rates_are_of_the_faster_engine(match):
    headings, row = table.rates([match])
    cells = dict(zip(headings, row, strict=True))
    assert cells["ppinfer fp32"] == "60 (40–80)"
    assert cells["ppinfer bf16"] == "90 (90–90) paddle"
    assert (cells["ONNX Runtime fp32"], cells["OpenVINO bf16"]) == ("–", "–")


def test_ratios_are_taken_round_by_round(match):
    headings, row = table.ratios([match])
    cells = dict(zip(headings, row, strict=True))
    assert cells["fp32 : PaddleClas fp32"] == "4.00 (4.00–6.00)"
    assert cells["bf16 : PaddleClas fp32"] == "9.00 (4.50–9.00)"
    assert (cells["fp32 : ONNX Runtime fp32"], cells["bf16 : OpenVINO bf16"]) == ("–", "–")
    assert table.problems([match]) == ["Net: ONNX Runtime has no times: it ended"]
    assert table.share_of_others([match]) == 0.25


def test_json_holds_what_the_tables_hold(match):
    found = json.loads(json.dumps(table.as_dict(match)))
    paddleclas, onnxruntime = found["contestants"][:2]
    assert paddleclas["images_per_s"] == {"median": 10, "least": 10, "most": 20}
    assert paddleclas["top1_right"] == 0.9
    assert (onnxruntime["images_per_s"], onnxruntime["problem"]) == (None, "it ended")
    assert {"of": ["ppinfer", "fp32"], "to": ["PaddleClas", "fp32"], "median": 4, "least": 4, "most": 6} in found[
        "ratios"
    ]


def test_a_run_is_drawn_in_both_themes(match, tmp_path, monkeypatch):
    run = tmp_path / "run.json"
    monkeypatch.setattr("sys.argv", ["chart.py", str(run), "--output", str(tmp_path)])
    run.write_text(json.dumps({"matches": [table.as_dict(match)]}))
    with pytest.raises(SystemExit, match="Net: the run has no figures of ONNX Runtime"):
        chart.main()
    match.outcomes[1] = outcome("ONNX Runtime", "fp32", 50, 50, 50)
    run.write_text(json.dumps({"matches": [table.as_dict(match)]}))
    chart.main()
    light, dark = ((tmp_path / f"speed-{theme}.svg").read_text() for theme in chart.THEMES)
    assert light.startswith("<?xml")
    assert light != dark


def test_what_int8_falls_short_of_is_told():
    def match(int8: float, right: dict[str, float]) -> table.Match:
        outcomes = [
            outcome("fp32", "fp32", 50, 50),
            outcome("bf16", "bf16", 100, 50),
            outcome("int8", "int8", int8, 90),
        ]
        return table.Match("Net", outcomes, right)

    slow, fast = match(120, {}), match(150, {})  # 1.5 times, and 1.65 times, in the median of two rounds
    assert bench_int8.speeds([slow])[1][-2:] == ["2.10 (1.80–2.40)", "1.50 (1.20–1.80)"]
    assert bench_int8.shortfalls("resnet50", slow) == ["Net: int8 is 1.50 times as fast as bf16, expected 1.6 at least"]
    assert bench_int8.shortfalls("resnet50", fast) == bench_int8.shortfalls("efficientnet_lite0", slow) == []
    assert bench_int8.shortfalls("efficientnet_lite0", match(150, {"fp32": 0.905, "int8": 0.895})) == []
    (worse,) = bench_int8.shortfalls("efficientnet_lite0", match(150, {"fp32": 0.905, "int8": 0.89}))
    assert worse == "Net: 89.0% of the photos are right in int8, expected no less than 89.5%: 90.5% are in fp32"


def test_what_was_quantised_of_other_files_is_made_anew(tmp_path):
    source = find_source(write_config(tmp_path / "model"))
    out = tmp_path / "int8"
    out.mkdir()
    assert not bench_int8.is_made_of(out, source)
    lines = ["# Made by ppinfer quantize", *(f"# {line}" for line in describe_source(source)), "model_dir ."]
    (out / "config.txt").write_text("\n".join(lines))
    assert bench_int8.is_made_of(out, source)
    (tmp_path / "model/model.fake").write_text("classes 8\ndelay_ms 1\n")
    assert not bench_int8.is_made_of(out, source)


def test_markdown():
    assert table.markdown([["a", "bcd"], ["long", "1"]]) == "| a    | bcd |\n|------|----:|\n| long |   1 |"


def test_answers_name_everybody_who_gave_some(match):
    rows = table.answers([match])
    assert rows[1] == ["Net", "PaddleClas", "100.0%", "100.0%", "0.02", "0.001", "90.0%"]
    assert len(rows) == 1 + len(match.outcomes)


def test_all_are_given_as_many_cpus_as_ppinfer_takes(monkeypatch):
    """Which are those of a quota, too, where affinity has more."""
    monkeypatch.setattr(_core, "allowed_cpu_count", lambda: 1)
    assert allowed_cpus() == 1


def test_photos_are_the_same_for_all(tmp_path):
    folder, links = tmp_path / "photos", tmp_path / "links"
    folder.mkdir()
    links.mkdir()
    for name in ("b.JPEG", "a.jpeg", "c.png"):
        (folder / name).write_bytes(encoded(f".{name.split('.')[1].lower()}", picture(9, 7)))
    (folder / "bad.jpg").write_bytes(b"no image")
    (folder / "labels.txt").write_text("b.JPEG 3\nc.png 4\n")
    photos = lay_out(folder, links)
    assert [path.name for path in photos] == ["a.jpeg", "b.JPEG", "c.png"]
    assert [path.name for path in sorted(links.iterdir())] == ["000000.jpeg", "000001.jpeg", "000002.png"]
    truth = true_classes(folder)
    assert truth == {"b.JPEG": 3, "c.png": 4}
    assert share_right([9, 3, 5], photos, truth) == 0.5
    assert share_right([9, 3, 5], photos, true_classes(links)) is None
    (folder / "labels.txt").write_text("b.JPEG three\n")
    with pytest.raises(Error, match=r"labels\.txt:1: got 'b\.JPEG three', expected `file class-id`"):
        true_classes(folder)


@pytest.fixture
def contest(monkeypatch, match):
    """The command, with contests that go as the dict says: a match, or what is raised."""
    contests: dict[str, object] = {}

    def play(network, python, arguments, truth):
        result = contests[network.name]
        if isinstance(result, BaseException):
            raise result
        return result

    monkeypatch.setattr(peers_main, "play", play)
    monkeypatch.setattr(peers_main, "make_environment", lambda: Path(sys.executable))
    monkeypatch.setattr(peers_main, "about", lambda python: {"processor": "P", "cpus": 2, "versions": {}})
    return contests


def call(monkeypatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["peers", *map(str, arguments)])
    return peers_main.main()


def test_one_contest_that_cannot_be_held_leaves_the_others(contest, match, tmp_path, monkeypatch, capsys):
    sound = table.Match("Net", [one for one in match.outcomes if not one.problem], {})
    contest |= {"resnet50": SetupError("no network"), "pp_lcnet": sound, "vgg16": ContestantError("it died")}
    assert call(monkeypatch, tmp_path, "--models", "resnet50", "pp_lcnet", "vgg16") == 1
    shown = capsys.readouterr()
    assert "| Net " in shown.out
    assert shown.err == "error: ResNet50: no network\nerror: VGG16: it died\n"
    assert call(monkeypatch, tmp_path, "--models", "pp_lcnet") == 0
    contest["pp_lcnet"] = match  # in which one dropped out
    assert call(monkeypatch, tmp_path, "--models", "pp_lcnet") == 1
    contest["vgg16"] = KeyboardInterrupt()
    capsys.readouterr()
    assert call(monkeypatch, tmp_path, "--models", "pp_lcnet", "vgg16", "--json") == 130
    assert [one["model"] for one in json.loads(capsys.readouterr().out)["matches"]] == ["Net"]
    (tmp_path / "labels.txt").write_text("nonsense\n")
    assert call(monkeypatch, tmp_path, "--models", "pp_lcnet") == 1
    assert "expected `file class-id`" in capsys.readouterr().err


def test_prepared_by_hand_as_ppinfer_does(tmp_path):
    network = NETWORKS["resnet50"]
    (tmp_path / "inference.yml").write_text(INFERENCE_YML.format_map(vars(network)) + "    - a class\n")
    (tmp_path / "photo.jpg").write_bytes(encoded(".jpg", picture(500, 375)))
    config = "resize_short_size 256\ncrop_size 224\nscale 0.00392157\n"
    path = write_config(tmp_path / "own", config=config)
    keys = {"mean": "0.485,0.456,0.406", "std": "0.229,0.224,0.225"}
    with Predictor(path, **keys) as predictor:
        expected = predictor.preprocess(tmp_path / "photo.jpg")
    np.testing.assert_allclose(Preparation(tmp_path)(str(tmp_path / "photo.jpg"))[0], expected, atol=2e-6)


def test_best_five(scores):
    ids, best = best_five(scores[0])
    assert ids.tolist() == np.argsort(-scores[0])[:5].tolist()
    assert best.tolist() == sorted(scores[0], reverse=True)[:5]


def test_the_contest_is_on_known_networks():
    assert len(CONTEST) == 6
    assert [name for name in NETWORKS if NETWORKS[name].is_trained] == ["efficientnet_lite0"]


@pytest.mark.parametrize("bench", ["peers", "int8.py"])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["nowhere"], "nowhere: is no folder"), ([".", "--rounds", "0"], "expected 1 or more"), ([], "FOLDER")],
)
def test_wrong_calls(bench, arguments, message):
    command = [sys.executable, str(BENCH / bench), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=BENCH)
    assert done.returncode == 2
    assert message in done.stderr
