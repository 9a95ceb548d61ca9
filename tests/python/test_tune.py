"""The command `ppinfer tune`, run as a user runs it, on the fake engine: its time is what its config says."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import CLASSES, SCRIPTS, png, write_config
from on_terminal import OnTerminal
from ppinfer import _core
from ppinfer.commands import app
from ppinfer.config_values import load_config

SECONDS = 2  # the least
BATCH_MS = 4  # that the fake engine takes for a batch, however large


@pytest.fixture
def slow_batches(tmp_path: Path) -> Path:
    """A config under which large batches on all lanes are several times as fast as what it says itself."""
    return write_config(tmp_path / "model", model=f"delay_ms {BATCH_MS}", config="topk 3\nlanes 1\ncrop_size 20\n")


def command(*arguments: object) -> list[str]:
    return [str(SCRIPTS / "ppinfer"), "tune", *map(str, arguments)]


def run(*arguments: object, cwd: Path, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*arguments), capture_output=True, text=True, cwd=cwd, timeout=300, **options)


def refused(*arguments: object, cwd: Path) -> str:
    """Check that it failed as expected failures do, before any work; gives what it said, without line ends."""
    done = run(*arguments, cwd=cwd)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    return re.sub(r"\s*│?\n│?\s*", " ", done.stderr)


def chosen_and_own(found: dict) -> tuple[dict, dict]:
    """What is said of the chosen candidate, and of the user's own settings."""
    (chosen,) = (one for one in found["candidates"] if one["verdict"] == "chosen")
    (own,) = (one for one in found["candidates"] if {key: one[key] for key in found["original"]} == found["original"])
    return chosen, own


def test_from_a_config_and_a_folder_to_a_config_that_runs(slow_batches, photo_folder, tmp_path):
    photos = photo_folder(10)  # as many as are looked at however long it takes
    (photos / "bad.png").write_bytes(b"no image")
    (tmp_path / "out").mkdir()
    # One precision, so that something faster is found early; on a very busy machine its own settings may stay the best.
    given = ["-o", "precision=fp32"]
    arguments = ["-c", "model/config.txt", *given, "photos", "--seconds", 5 * SECONDS, "--output", "out/tuned.txt"]
    done = run(*arguments, "--json", "out/all.json", "--plot", "out/all.svg", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("bad.png") == 1
    assert "agreement was measured on 10 images" in done.stderr

    found = json.loads((tmp_path / "out/all.json").read_text())
    chosen, own = chosen_and_own(found)
    assert (own["lanes"], own["batch_size"]) == ("1", "1")
    assert found["chosen"] == {key: chosen[key] for key in found["chosen"]}
    assert (found["images"], found["images_found"], len(found["bad_images"])) == (10, 11, 1)
    assert found["allowed_cpus"] == _core.allowed_cpu_count()
    assert (chosen["agreement"]["agreeing"], chosen["agreement"]["images"]) == (10, 10)

    text = (tmp_path / "out/tuned.txt").read_text()
    check_comments(text, found, chosen, own)
    (again,) = re.findall(r"^# Again: (.*)$", text, re.MULTILINE)
    assert shlex.split(again)[1:] == [*command(*arguments)[1:], "--force"]
    values = load_config(str(tmp_path / "out/tuned.txt"), []).texts
    assert values["topk"] == "3"
    assert {key: values[key] for key in found["chosen"]} == found["chosen"]
    records = subprocess.run(
        [SCRIPTS / "ppinfer", "classify", "-q", "-c", tmp_path / "out/tuned.txt", "--format", "jsonl", photos],
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    tops = [record["class_ids"][0] for record in map(json.loads, records) if record["status"] == "ok"]
    assert tops == [index % CLASSES for index in range(10)]
    assert (tmp_path / "out/all.svg").read_text().startswith("<?xml")
    check_table(done.stdout, found, chosen, own)
    if "too short to try openvino fp32" not in done.stderr:
        assert "not available: openvino fp32" in done.stdout
        assert "engine openvino reads .pdmodel" in done.stdout


def check_comments(text: str, found: dict, chosen: dict, own: dict) -> None:
    """What the config says of itself is what was measured."""
    moment = r"\d{4}-\d\d-\d\d \d\d:\d\d UTC"
    assert re.match(rf"# Tuned by ppinfer {_core.__version__} on {moment} for the highest throughput\.\n", text)
    assert f"# Machine: {found['machine']['cpu']}, {found['allowed_cpus']} allowed CPUs; fake" in text
    assert "# Images: 10 of 11 in photos. " in text
    (rate, latency_ms) = re.findall(r"^# These settings: ([\d.e+]+).* images/s, ([\d.]+) ms .* 10 of 10", text, re.M)[0]
    assert float(rate) == pytest.approx(chosen["images_per_s"], rel=1e-3)
    assert float(latency_ms) == pytest.approx(chosen["latency_ms"], abs=0.01)
    before = r"^# Before, by model/config\.txt: .* fake fp32, 1 lane x 1 thread, batch 1, decode exact\.$"
    kept = r"^# The same as model/config\.txt: no candidate is better\.$"
    assert re.search(kept if chosen is own else before, text, re.M)


def check_table(table: str, found: dict, chosen: dict, own: dict) -> None:
    measured = [one for one in found["candidates"] if one["images_per_s"]]
    rows = [line for line in table.splitlines() if line.lstrip().startswith("fake ")]
    assert len(rows) == len(measured)
    assert len([row for row in rows if "chosen" in row]) == len([row for row in rows if "yours" in row]) == 1
    kept, better = r"^your own settings are the best: fake fp32, .*$", r"^chosen: fake fp32, .* \(\d+\.\d\d times\)$"
    assert re.search(kept if chosen is own else better, table, re.M)


def test_the_time_suffices_to_find_what_is_several_times_as_fast(slow_batches, photo_folder, tmp_path):
    """A batch of eight in the time of one image, on a single lane, where nothing else is tuned: half of that is far
    more than noise. What a short time finds among everything, on a machine that others use, nobody can promise."""
    photo_folder(10)
    keys = {"engine": "fake", "precision": "fp32", "decode": "exact", "lanes": "1", "threads_per_lane": "1"}
    given = [argument for key, value in keys.items() for argument in ("-o", f"{key}={value}")]
    done = run("-c", slow_batches, "photos", "--seconds", 20, *given, "--json", "all.json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    chosen, own = chosen_and_own(json.loads((tmp_path / "all.json").read_text()))
    assert int(chosen["batch_size"]) >= 8
    assert chosen["images_per_s"] > 4 * own["images_per_s"]
    assert chosen["agreement"] == {"agreeing": 10, "images": 10, "own": True}


def test_keys_on_the_command_line_stay(slow_batches, photo_folder, tmp_path):
    photo_folder(10)
    done = run("-c", slow_batches, "-o", "batch_size=2", "-o", "engine=fake", "photos", "--seconds", SECONDS,
               "--json", "-", cwd=tmp_path)  # fmt: skip
    found = json.loads(done.stdout)  # nothing else stands there
    assert {one["batch_size"] for one in found["candidates"]} == {"2"}
    assert {one["engine"] for one in found["candidates"]} == {"fake"}
    assert "batch_size 2" in (tmp_path / "tuned.txt").read_text().splitlines()


def test_answers_are_held_against_another_config(slow_batches, photo_folder, tmp_path):
    """Which sees half the brightness, so that 2 of 10 answers are the same; ten are looked at however long it takes."""
    photo_folder(10)
    other = write_config(tmp_path / "other", config="scale 1/510\n")
    arguments = ["-c", slow_batches, "photos", "--seconds", SECONDS, "--reference", other]
    done = run(*arguments, "--json", "all.json", cwd=tmp_path)
    assert done.returncode == 2
    assert f"no measured candidate agrees with {other}" in done.stdout
    assert f"`same top-1` compares with {other}." in done.stdout
    assert not (tmp_path / "tuned.txt").exists()
    found = json.loads((tmp_path / "all.json").read_text())
    assert found["reference"] == str(other)
    own = next(one for one in found["candidates"] if {key: one[key] for key in found["original"]} == found["original"])
    assert (own["agreement"]["agreeing"], own["agreement"]["images"]) == (2, 10)
    assert f"--reference {other}" in found["command"]
    done = run(*arguments, "--min-agreement", "0.2", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"the top-1 of {other} for 2 of 10" in (tmp_path / "tuned.txt").read_text()
    assert "nowhere" in refused(
        "-c", slow_batches, "photos", "--reference", "nowhere", "--output", "b.txt", cwd=tmp_path
    )


@pytest.fixture
def without_matplotlib(tmp_path: Path) -> dict[str, str]:
    """An environment in which it can't be imported."""
    (tmp_path / "none").mkdir()
    (tmp_path / "none/matplotlib.py").write_text("raise ImportError('no', name='matplotlib')\n")
    return {**os.environ, "PYTHONPATH": str(tmp_path / "none")}


def test_latency(slow_batches, photo_folder, tmp_path, without_matplotlib):
    photo_folder(10)
    arguments = ["-c", slow_batches, "photos", "--objective", "latency", "--seconds", SECONDS]
    done = run(*arguments, cwd=tmp_path, env=without_matplotlib)
    assert done.returncode == 0, done.stderr
    assert "for the lowest latency of a single image." in (tmp_path / "tuned.txt").read_text()
    assert re.search(r"^(your own settings are the best|chosen): fake fp32", done.stdout, re.MULTILINE)


def test_a_plot_needs_matplotlib(slow_batches, photo_folder, tmp_path, without_matplotlib):
    photo_folder(10)
    done = run("-c", slow_batches, "photos", "--plot", "x.png", cwd=tmp_path, env=without_matplotlib)
    assert done.returncode == 2
    assert "--plot needs matplotlib: pip install 'ppinfer[tune]'" in done.stderr


# ---- Ctrl-C ----------------------------------------------------------------------------------------------------------


def interrupted(shows: str, *arguments: object, cwd: Path) -> tuple[int, str]:
    """Run, and press Ctrl-C when it shows what this regular expression finds; gives the exit code and what was said."""
    running = OnTerminal(command(*arguments), cwd=cwd)
    running.wait_until_it_shows(shows)
    code, _ = running.interrupt()
    assert "Traceback" not in running.shown
    return code, running.shown


def test_ctrl_c_writes_the_best_so_far(slow_batches, photo_folder, tmp_path):
    photo_folder(10)
    # The first candidate beside the user's own settings, which are measured by then.
    another = r"(?<!settings: )\bfake (fp32|bf16|fp16|int8), "
    code, err = interrupted(another, "-c", slow_batches, "photos", "--seconds", 1000, cwd=tmp_path)
    assert code == 130, err
    assert "interrupted: this is the best candidate so far" in err
    assert "# Interrupted" in (tmp_path / "tuned.txt").read_text()
    load_config(str(tmp_path / "tuned.txt"), [])


def test_ctrl_c_before_anything_is_known(photo_folder, tmp_path):
    config = write_config(tmp_path / "model", model="delay_ms 1000", config="lanes 1\nwarmup 0\n")
    photo_folder(10)
    begun = "the reference results"
    code, err = interrupted(begun, "-c", config, "photos", "--plot", "tuned.svg", cwd=tmp_path)
    assert code == 130, err
    assert err.endswith("ppinfer: interrupted before anything was measured; nothing is written\n")
    assert sorted(os.listdir(tmp_path)) == ["model", "photos"]


def test_ctrl_c_before_anything_is_measured_in_the_search(slow_batches, photo_folder, tmp_path, monkeypatch, capsys):
    photo_folder(10)
    monkeypatch.chdir(tmp_path)

    def interrupt(search):
        raise KeyboardInterrupt

    monkeypatch.setattr("ppinfer.measure.tune.search.Search.run", interrupt)
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # what is set here would stay
    with pytest.raises(SystemExit) as end:
        app(["tune", "-c", str(slow_batches), "photos", "--plot", "x.svg", "--json", "x.json"])
    assert end.value.code == 130
    assert "ppinfer: interrupted: nothing is written" in capsys.readouterr().err
    assert sorted(os.listdir(tmp_path)) == ["model", "photos", "x.json"]


@pytest.mark.parametrize("searching", [True, False])
def test_a_second_ctrl_c_stops_at_once(searching):
    """The first one ends the search; when that is over what was found is being written, which it doesn't end."""
    script = (
        "import signal\n"
        "from ppinfer.commands.tune import FirstInterrupt\n"
        "chance = FirstInterrupt()\n"
        f"chance.searching = {searching}\n"
        "try:\n"
        "    signal.raise_signal(signal.SIGINT)\n"
        "    print('went on', flush=True)\n"
        "except KeyboardInterrupt:\n"
        "    print('ended', flush=True)\n"
        "signal.raise_signal(signal.SIGINT)\n"
        "print('second', flush=True)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    said = "ended\n" if searching else "went on\n"
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, said, "")


# ---- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--seconds", "0"], "0.0 is not in the range 2<=x<=86400"),
        (["--seconds", "nan"], "nan: expected a finite number"),
        (["--seconds", "soon"], "--seconds"),
        (["--min-agreement", "99.5"], "99.5 is not in the range 0<=x<=1"),
        (["--objective", "both"], "both: expected throughput or latency"),
        (["--plot", "plot.jpeg"], "expected a name that ends in .png or .svg"),
        (["--plot", "photos/000.png"], "--plot photos/000.png: found an image that ppinfer tune did not draw"),
        (["--output", "photos/000.png"], "--output photos/000.png: that is an image's name"),
        (["--json", "tuned.txt"], "--json tuned.txt: --output writes to the same file"),
        (["--output", "model/config.txt"], "--output model/config.txt: exists already; --force replaces it"),
        (["-o", "precision=auto"], 'got "auto", expected'),
        (["--batch-size", "4"], "keys are set by -o batch_size=4"),
    ],
)
def test_wrong_calls(config_path, photo_folder, tmp_path, arguments, message):
    photo_folder(10)
    assert message in refused("-c", config_path, "photos", *arguments, cwd=tmp_path)
    assert not (tmp_path / "tuned.txt").exists()


def test_too_few_images(config_path, tmp_path):
    photos = tmp_path / "photos"
    photos.mkdir()
    said = refused("-c", config_path, "photos", cwd=tmp_path)
    assert "no images in photos" in said
    for index in range(9):
        (photos / f"{index}.png").write_bytes(png(index % CLASSES))
    (photos / "text.txt").write_text("no image's name")
    assert "photos: 9 images, expected 10 at least, and better 200" in refused(
        "-c", config_path, "photos", cwd=tmp_path
    )
    (photos / "bad.png").write_bytes(b"no image")
    said = refused("-c", config_path, "photos", cwd=tmp_path)
    assert "photos: 9 images that can be classified and 1 that can't, expected 10 at least" in said
    assert "nowhere: not a folder" in refused("-c", config_path, "nowhere", cwd=tmp_path)
    assert "photos/0.png: not a folder" in refused("-c", config_path, "photos/0.png", cwd=tmp_path)


def test_no_model(tmp_path, photo_folder):
    photo_folder(10)
    assert "expected -c CONFIG or -m MODEL" in refused("photos", cwd=tmp_path)
    assert "no such folder" in refused("-m", "nowhere", "photos", cwd=tmp_path)
