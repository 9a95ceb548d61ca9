"""The command `ppinfer`, run as a user runs it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import ppinfer
from conftest import CLASSES, SCRIPTS, png, write_config
from ppinfer import commands


def run(*arguments, stdin=None, **options):
    command = [SCRIPTS / "ppinfer", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, timeout=300, stdin=stdin, **options)


def text_of(done):
    return done.stdout.decode(), done.stderr.decode(errors="surrogateescape")


def refused(done):
    """Check that a command failed as expected failures do; gives what it said."""
    out, err = text_of(done)
    assert done.returncode == 2, (out, err)
    assert "Traceback" not in err
    return err


# ---- classify --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", ["text", "jsonl", "csv", "spreadsheet"])
def test_classify_writes_what_clas_system_writes(config_path, photo_folder, tmp_path, format):
    folder = photo_folder(20)
    (folder / "004.png").write_bytes(b"nonsense")
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff.png")).write_bytes(png(1))
    arguments = ["-c", config_path, "-o", "topk=2", "--format", format]
    ours = run("classify", *arguments, folder, folder / "nowhere.png")
    theirs = subprocess.run([SCRIPTS / "clas_system", *arguments, folder, folder / "nowhere.png"], capture_output=True)
    assert ours.stdout == theirs.stdout
    assert ours.stdout.count(b"\n") == 22 + (format in ("csv", "spreadsheet"))
    assert (ours.returncode, theirs.returncode) == (1, 1)
    assert b"22 images in " in ours.stderr
    assert b", 2 errors; records on standard output\n" in ours.stderr
    to_file = run("classify", *arguments, "--output", tmp_path / "records", folder, folder / "nowhere.png")
    assert (tmp_path / "records").read_bytes() == ours.stdout
    assert to_file.stdout == b""


def test_classify_all_fine(config_path, photo_folder):
    folder = photo_folder(8)
    done = run("classify", "-c", config_path, "-q", folder)
    assert (done.returncode, done.stderr) == (0, b"")
    tops = [line.split("\t")[1].split(" ")[0] for line in done.stdout.decode().splitlines()]
    assert tops == [str(class_id) for class_id in range(CLASSES)]


def test_classify_by_keys_alone(config_path, photo_folder):
    model = config_path.parent / "model.fake"
    done = run("classify", "-o", f"cls_model_path={model}", "-o", "engine=fake", photo_folder(1))
    assert done.returncode == 0, done.stderr


def wait_for(condition, seconds=300):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"nothing after {seconds} s"
        time.sleep(0.05)


def test_ctrl_c_keeps_what_is_done(tmp_path, photo_folder):
    config = write_config(tmp_path / "slow", model="delay_ms 50")
    folder = photo_folder(400)
    output = tmp_path / "records.jsonl"
    arguments = ["classify", "-c", config, "-o", "lanes=1", "--format", "jsonl", "--output", output, folder]
    process = subprocess.Popen(
        [SCRIPTS / "ppinfer", *map(str, arguments)],
        stderr=subprocess.PIPE,
    )
    part = tmp_path / "records.jsonl.part"
    wait_for(lambda: part.exists() and part.stat().st_size > 0)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=300)
    assert process.returncode == 130, err
    assert b"interrupted" in err
    assert b"Traceback" not in err
    records = [json.loads(line) for line in part.read_text().splitlines()]
    assert 0 < len(records) < 400
    assert [record["path"] for record in records] == [str(folder / f"{i:03}.png") for i in range(len(records))]


def test_progress_on_a_terminal_only(tmp_path, photo_folder):
    config = write_config(tmp_path / "slow", model="delay_ms 20")
    folder = photo_folder(30)
    controller, terminal = os.openpty()
    with open(tmp_path / "records", "wb") as records:
        command = [SCRIPTS / "ppinfer", "classify", "-c", config, "-o", "lanes=1", folder]
        subprocess.run(command, stdout=records, stderr=terminal, env={**os.environ, "TERM": "xterm"}, check=True)
    os.close(terminal)
    shown = b""
    try:
        while block := os.read(controller, 65536):
            shown += block
    except OSError:  # the other end is closed
        pass
    os.close(controller)
    assert b"errors" in shown
    assert b"30 images in " in shown
    assert (tmp_path / "records").read_bytes().count(b"\n") == 30
    assert b"\x1b" not in run("classify", "-c", config, folder).stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["classify", "PHOTOS"], "-c CONFIG or -m MODEL"),
        (["classify", "-c", "CONFIG"], "PATH"),
        (["classify", "-c", "nowhere.txt", "PHOTOS"], "nowhere.txt"),
        (["classify", "-m", "nowhere", "PHOTOS"], "ppinfer: -m nowhere: nowhere: no such folder"),
        (["classify", "-m", "CONFIG", "PHOTOS"], "give it as that (-c "),
        (["classify", "-c", "PHOTOS", "PHOTOS"], "is a folder, expected a config file; set model_dir"),
        (["classify", "-c", "CONFIG", "--topk", "3", "PHOTOS"], "unknown flag --topk: keys are set by -o topk=3"),
        (["config", "show", "-c", "CONFIG", "--batch-size=4"], "keys are set by -o batch_size=4"),
        (["classify", "-c", "CONFIG", "-o", "topk", "PHOTOS"], "expected KEY=VALUE"),
        (["classify", "-c", "CONFIG", "-o", "topkk=3", "PHOTOS"], "did you mean topk"),
        (["classify", "-c", "CONFIG", "-o", "topk=many", "PHOTOS"], "topk"),
        (["classify", "-c", "CONFIG", "-o", "class_num=3", "PHOTOS"], "class_num is 3"),
        (
            ["classify", "-c", "CONFIG", "--format", "xml", "PHOTOS"],
            "--format: xml: expected text, jsonl, csv, spreadsheet, parquet or npy",
        ),
        (["classify", "-c", "CONFIG", "--output", "/nowhere/records", "PHOTOS"], "/nowhere/records"),
        (["classify", "-c", "CONFIG", "--output", "/dev/full", "PHOTOS"], "No space left"),
        (["clasify", "PHOTOS"], "clasify"),
        (["config", "check", "nowhere.txt"], "nowhere.txt"),
        (["config", "show"], "-c CONFIG"),
    ],
)
def test_wrong_usage(config_path, photo_folder, arguments, said):
    places = {"CONFIG": config_path, "PHOTOS": photo_folder(1)}
    assert said in refused(run(*[places.get(argument, argument) for argument in arguments]))


DOORS = ("ppinfer", "classify"), ("clas_system",)


@pytest.fixture(params=DOORS, ids=["ppinfer", "clas_system"])
def door(request):
    """Run one of the two commands that classify."""
    program, *words = request.param

    def classify(*arguments, **options):
        command = [SCRIPTS / program, *words, *map(str, arguments)]
        return subprocess.run(command, stderr=subprocess.PIPE, timeout=300, **options)

    return classify


def test_no_images(door, config_path, photo_folder):
    folder = photo_folder(0)
    (folder / "notes.txt").touch()
    done = door("-c", config_path, folder, stdout=subprocess.PIPE)
    assert (done.returncode, done.stdout) == (2, b"")
    said = done.stderr.decode().split(": ", 1)[1]
    assert said == f"no images in {folder}: 1 file skipped: 1 not an image (1 .txt)\n"


def test_a_shard_without_images_is_complete(door, config_path, photo_folder, tmp_path):
    folder = photo_folder(1)
    codes, said = zip(
        *(
            (done.returncode, done.stderr.decode())
            for shard in ("1/2", "2/2")
            for done in [door("-c", config_path, "--shard", shard, "--output", tmp_path / f"{shard[0]}.jsonl", folder)]
        ),
        strict=True,
    )
    assert codes == (0, 0)
    assert sorted(len((tmp_path / f"{shard}.jsonl").read_text().splitlines()) for shard in (1, 2)) == [0, 1]
    assert sum("/2 is empty: other shards have 1 image" in text for text in said) == 1


def test_closed_pipe_ends_without_a_word(door, config_path, photo_folder):
    folder = photo_folder(3)
    reading, writing = os.pipe()
    os.close(reading)
    done = door("-c", config_path, folder, stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (-signal.SIGPIPE, b"")  # a shell's 141


def test_each_problem_is_a_line_with_the_name_in_front(door, config_path, photo_folder):
    keys = ["-o", "topkk=1", "-o", "lanes=many", "-o", "resize_short_size=x"]
    done = door("-c", config_path, *keys, photo_folder(1))
    lines = done.stderr.decode().splitlines()
    assert done.returncode == 2
    assert len(lines) == 3
    assert {line.split(": -o ")[0] for line in lines} <= {"ppinfer", "clas_system"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--topk", "3"], "unknown flag --topk: keys are set by -o topk=3\n"),
        (["--batch-size=4"], "unknown flag --batch-size: keys are set by -o batch_size=4\n"),
        (["-m", "model"], "clas_system: -m model: model: no such folder"),
        (["--formt", "csv"], "unknown flag --formt (did you mean --format?)\n"),
        (["--format", "xml"], "clas_system: --format xml: expected text, jsonl, csv or spreadsheet\n"),
    ],
)
def test_wrong_usage_of_clas_system(config_path, photo_folder, arguments, said):
    command = [SCRIPTS / "clas_system", "-c", config_path, *arguments, photo_folder(1)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2
    assert said in done.stderr


def test_notices_are_said_once(tmp_path, photo_folder):
    config = write_config(tmp_path / "m", config="cpu_math_library_num_threads 1024\n")
    done = run("classify", "-c", config, photo_folder(1))
    assert done.stderr.count(b"ppinfer: note: ") == 1
    assert b"warn" not in done.stderr.lower()


# ---- config ----------------------------------------------------------------------------------------------------------


def test_config_show(config_path):
    done = run("config", "show", "-c", config_path, "-o", "topk=3")
    keys, _ = done.stdout.decode().split("\n\n")
    lines = [line for line in keys.splitlines() if not line.startswith(" ")]
    rows = {line.split()[0]: line.split()[1:] for line in lines}
    assert rows["topk"] == ["3", "-o"]
    assert rows["engine"] == ["fake", "config.txt:3"]
    assert rows["batch_size"] == ["1", "default"]
    as_json = json.loads(run("config", "show", "-c", config_path, "-o", "topk=3", "--json").stdout)
    assert as_json["topk"] == {"value": "3", "origin": "-o", "guessed": False}
    assert list(as_json) == list(rows)


def test_config_show_tells_the_pipeline(config_path):
    keys = ["-o", "crop_ratio=0.75", "-o", "resize_backend=pil", "-o", "softmax=on", "-o", "crop_size=200,100"]
    keys += ["-o", "output_tensor=features"]
    done = run("config", "show", "-c", config_path, *keys)
    _, pipeline = done.stdout.decode().split("\n\n")
    assert [line.split(maxsplit=1) for line in pipeline.splitlines()[1:]] == [
        ["DecodeImage", "to_rgb: true, decode: exact, exif_rotate: true"],
        ["CropImageAtRatio", "ratio: 0.75"],
        ["ResizeImage", "resize_short: 256, interpolation: bilinear, backend: pil"],
        ["CropImage", "size: [200, 100]"],
        [
            "NormalizeImage",
            "scale: 0.00392156862745098, mean: [0,0,0], std: [1,1,1], channel_num: 3, output_fp16: false",
        ],
        ["ToCHWImage", "gives: [3, 100, 200]"],
        ["model", f"file: {config_path.parent / 'model.fake'}, output_tensor: features"],
        ["Topk", "topk: 5, softmax: on"],
    ]


def test_config_show_lays_out_long_values(tmp_path):
    config = write_config(tmp_path / ("m" * 60))
    done = run("config", "show", "-c", config)
    lines = done.stdout.decode().splitlines()
    [position] = {
        line.rindex(origin) for line in lines for origin in ("default", "config.txt:") if f"  {origin}" in line
    }
    path = next(index for index, line in enumerate(lines) if line.startswith("cls_model_path"))
    assert lines[path].endswith("/model.fake")
    assert lines[path + 1].strip() == "config.txt:1"
    assert lines[path + 1].index("config.txt") == position
    assert '""' in next(line for line in lines if line.startswith("model_dir"))


def test_config_show_says_what_it_comes_to(config_path):
    model = config_path.parent / "model.fake"
    done = run("config", "show", "-o", f"cls_model_path={model}", "--json")
    rows = json.loads(done.stdout)
    assert rows["engine"] == {"value": "fake", "origin": "default (auto)", "guessed": False}
    assert rows["lanes"]["value"] != "0"
    assert rows["lanes"]["origin"] == "default (0: the allowed CPUs)"
    assert b"ppinfer: note: no inference.yml next to " in done.stderr


def test_the_engine_that_a_key_chooses_is_spoken_of(tmp_path):
    for name in ("m.pdmodel", "m.pdiparams", "m.onnx"):
        (tmp_path / name).touch()
    for model, engine, said in (("m.pdmodel", "paddle", 1), ("m.onnx", "openvino", 0)):
        keys = [f"cls_model_path={tmp_path / model}", "crop_size=224", "use_mkldnn=1"]
        done = run("config", "show", "--json", *(word for key in keys for word in ("-o", key)))
        assert json.loads(done.stdout)["engine"]["value"] == engine
        assert done.stderr.count(b"use_mkldnn is set and engine isn't, so the engine is paddle") == said
        done = run("config", "show", *(word for key in [*keys, f"engine={engine}"] for word in ("-o", key)))
        assert b"so the engine is" not in done.stderr


def test_config_check(config_path, tmp_path):
    done = run("config", "check", config_path)
    assert (done.returncode, done.stdout) == (0, b"ok\n")
    wrong = write_config(tmp_path / "wrong", config="topk many\nresize_short_sise 3\n")
    said = refused(run("config", "check", wrong))
    assert f"{wrong}:6" in said
    assert f"{wrong}:7" in said
    assert "did you mean resize_short_size?" in said


def test_config_template_is_a_config(config_path, tmp_path):
    template = run("config", "template")
    assert template.returncode == 0
    keys = json.loads(run("config", "show", "-c", config_path, "--json").stdout)
    for key in keys:
        assert key.encode() in template.stdout, key


# ---- The command as such ---------------------------------------------------------------------------------------------


def test_version():
    out, err = text_of(run("--version"))
    lines = out.splitlines()
    assert err == ""
    assert lines[0] == f"ppinfer {ppinfer.__version__}"
    assert any(line.startswith("engine openvino ") for line in lines)
    assert any(line.startswith("engine paddle ") for line in lines)
    assert lines[-1].startswith("CPU features: ")


@pytest.mark.parametrize(
    "arguments", [["-h"], ["classify", "-h"], ["report", "-h"], ["config", "-h"], ["config", "show", "-h"]]
)
def test_help_is_whole(arguments):
    narrow = run(*arguments, env={**os.environ, "COLUMNS": "80"})
    assert b"..." not in narrow.stdout.replace(b"]...", b"").replace(b"}...", b"")


@pytest.mark.parametrize(
    "arguments", [["--help"], ["-h"], ["classify", "--help"], ["report", "-h"], ["config", "show", "-h"], []]
)
def test_help_is_quick(arguments):
    done = run(*arguments)
    assert done.returncode == (0 if arguments else 2)
    assert b"Usage: ppinfer" in done.stdout + done.stderr
    probe = (
        "import sys; sys.argv[0] = 'ppinfer'\nimport ppinfer.commands\ntry: ppinfer.commands.main()\nfinally:"
        "\n heavy = {'numpy', 'ppinfer._core', 'rich', 'paddle', 'openvino'} & set(sys.modules)"
        "\n assert not heavy, heavy"
    )
    loaded = subprocess.run([sys.executable, "-c", probe, *arguments], capture_output=True, text=True)
    assert "AssertionError" not in loaded.stderr


def test_standard_output_on_a_full_disk(config_path):
    with open("/dev/full", "wb") as full:
        for arguments in (["--version"], ["config", "show", "-c", config_path], ["config", "template"]):
            command = [SCRIPTS / "ppinfer", *map(str, arguments)]
            done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
            assert (done.returncode, done.stderr) == (2, "ppinfer: standard output: No space left on device\n")


def test_standard_output_that_is_closed(config_path):
    done = subprocess.run([SCRIPTS / "ppinfer", "--version"], stderr=subprocess.PIPE, preexec_fn=lambda: os.close(1))
    assert (done.returncode, done.stderr) == (0, b"")


def test_what_nobody_expected_is_no_failed_image(monkeypatch, capsys):
    def broken(**_):
        raise AttributeError("a bug")

    monkeypatch.setattr(commands, "app", broken)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    with pytest.raises(SystemExit) as ended:
        commands.main()
    assert ended.value.code == 2
    assert "AttributeError: a bug" in capsys.readouterr().err
    monkeypatch.setattr(sys, "stderr", None)
    with pytest.raises(SystemExit) as ended:
        commands.main()
    assert ended.value.code == 2
    assert capsys.readouterr().out == ""
