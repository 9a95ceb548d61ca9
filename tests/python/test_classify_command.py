"""`ppinfer classify` beyond the records: what shows, how it ends, how it goes on."""

import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from classify_runs import NOT_ON_PATH, interrupted, run
from conftest import SCRIPTS
from ppinfer.commands import app, run_log, run_view


def command_in(said):
    return next(line.strip() for line in said.splitlines() if line.startswith("  "))


def pasted(command, **options):
    """Run it in a shell that finds no ppinfer by its name."""
    shell = ["/bin/bash", "-c", command]
    return subprocess.run(shell, capture_output=True, text=True, timeout=300, env=NOT_ON_PATH, **options)


# ---- formats and places ----------------------------------------------------------------------------------------------


def test_parquet_says_what_made_it(config_path, photo_folder, tmp_path):
    done = run("-c", config_path, "-o", "topk=2", "--output", tmp_path / "r.parquet", photo_folder(2))
    assert (done.returncode, f"records in {tmp_path / 'r.parquet'}\n" in done.stderr) == (0, True), done.stderr
    metadata = pq.read_schema(tmp_path / "r.parquet").metadata
    assert json.loads(metadata[b"ppinfer.config"])["topk"] == "2"
    assert set(json.loads(metadata[b"ppinfer.model_sha256"])) == {"model.fake"}
    assert len(metadata[b"ppinfer.config_sha256"]) == 64
    assert len(metadata[b"ppinfer.identity_sha256"]) == 64
    assert metadata[b"ppinfer.shard"] == b"1/1"


def test_without_pyarrow(config_path, photo_folder, tmp_path):
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['pyarrow'] = None\n")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = run("-c", config_path, "--output", tmp_path / "r.parquet", photo_folder(1), env=environment)
    assert done.returncode == 2
    assert done.stderr.startswith("ppinfer: format parquet needs pyarrow: pip install 'pyarrow>=")
    assert not (tmp_path / "r.parquet.part").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--resume", "--force"], "expected one of --resume, to resume, and --force, to start over"),
        (["--log-json", "-"], "--log-json -: --output writes to the same file"),
        (["--by", "symlink"], "needs --sort-into DIR"),
        (["--move-errors", ""], "expected the name of a folder, got an empty one"),
        (["--by", "magic", "--sort-into", "s"], "--by: magic: expected copy, hardlink or symlink"),
        (["--format", "parquet"], "format parquet needs a file, standard output is not a file"),
        (["--format", "npy", "--output", "r.npy"], "format npy holds vectors"),
        (["--max-errors", "many"], "max errors many: expected a number of images, such as 100, or a share"),
        (["--max-errors", "101%"], "max errors 101%"),
        (["--sort-into", "PHOTOS/sorted"], "lies in PHOTOS, which is classified as a whole: take a folder elsewhere"),
        (["--move-errors", "PHOTOS"], "lies in PHOTOS"),
        (["--sort-into", "photos/sorted", "photos/*"], "photos/sorted is where photos/* may find images the next time"),
        (["--move-errors", "photos/bad", "photos/**/*.png"], "photos/bad is where photos/**/*.png may find images"),
        (["--report", "nowhere/r.html"], "--report nowhere/r.html: no such folder"),
        (["--report", "photos"], "--report photos: is a folder, expected a file"),
        (["--report", "/dev/full"], "--report /dev/full: is not a regular file"),
        (["--report", "cat.JPG"], "cat.JPG: that is an image's name, expected a file to write"),
        (["--output", "cat.jpg"], "cat.jpg: that is an image's name, expected a file to write"),
        (["--output", "r.jsonl", "--report", "./r.jsonl"], "--report ./r.jsonl: --output writes to the same file"),
        (["--sort-into", "."], "PHOTOS lies in ., which images are sorted into: take a folder elsewhere"),
        (["--output", "r.jsonl", "--log-json", "./r.jsonl"], "./r.jsonl: --output writes to the same file"),
        (["--output", "r.jsonl", "--log-json", "r.jsonl.part"], "r.jsonl.part: --output writes to the same file"),
        (["--output", "r.txt", "--errors", "e.txt", "--log-json", "e.txt"], "e.txt: --errors writes to the same file"),
        (["--output", "r.csv", "--report", "p", "--log-json", "p"], "p: --report writes to the same file"),
        (["--log-json", "/dev/stdout"], "/dev/stdout: --output writes to the same file"),
        (["--output", "v.npy", "--log-json", "v.npy.jsonl"], "v.npy.jsonl: --output writes to the same file"),
        (["--sort-into", "s", "-o", "postprocess=embedding"], "postprocess embedding gives no classes to sort by"),
        (["--output", "r.txt", "--report", "r.html"], "--report reads the records of r.txt, and format text"),
        (["--log-json", "/nowhere/log"], "--log-json /nowhere/log: No such file or directory"),
        (["--resume"], "--resume needs an output that is a file"),
    ],
)
def test_wrong_usage(config_path, photo_folder, tmp_path, arguments, said):
    folder = photo_folder(1)
    arguments = [argument.replace("PHOTOS", str(folder)) for argument in arguments]
    operands = [] if "*" in arguments[-1] else [folder]
    done = run("-c", config_path, *arguments, *operands, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert said.replace("PHOTOS", str(folder)) in " ".join(done.stderr.replace("│", " ").split())
    assert "Traceback" not in done.stderr
    assert sorted(os.listdir(tmp_path)) == ["model", "photos"]


# ---- how it ends, and goes on ----------------------------------------------------------------------------------------


def test_a_mistyped_folder_costs_nothing(config_path, photo_folder, tmp_path):
    (tmp_path / "r.csv").write_text("earlier records")
    for paths in (["nowhere"], ["nowhere/*.jpg", "gone.tar::cat.jpg"]):
        done = run("-c", config_path, "--output", "r.csv", *paths, cwd=tmp_path)
        assert done.returncode == 2
        assert "nothing to classify: nothing is written" in " ".join(done.stderr.replace("│", " ").split())
        assert (tmp_path / "r.csv").read_text() == "earlier records"
    assert run("-c", config_path, "--output", "r.csv", photo_folder(1), "nowhere", cwd=tmp_path).returncode == 1


@pytest.mark.parametrize("format", ["jsonl", "parquet"])
def test_ctrl_c_says_the_command_that_goes_on(slow_config, photo_folder, tmp_path, format):
    folder = photo_folder(150)
    (folder / "003.png").write_bytes(b"nonsense")
    whole, output = tmp_path / f"whole.{format}", tmp_path / f"my records.{format}"
    assert run("-c", slow_config, "-o", "lanes=2", "--output", whole, folder).returncode == 1
    part = tmp_path / f"{output.name}.part"
    arguments = ["-c", slow_config, "-o", "lanes=2", "--force", "--output", output, folder]
    code, said = interrupted(arguments, part)
    assert code == 130
    assert "ppinfer: interrupted; the records so far are kept. To resume:\n" in said
    assert not output.exists()
    command = command_in(said)
    assert shlex.split(command) == [
        str(SCRIPTS / "ppinfer"),
        "classify",
        *map(str, arguments[:4]),
        *map(str, arguments[5:]),
        "--resume",
    ]
    done = pasted(command)
    assert done.returncode == 1, done.stderr
    assert "150 images, " in done.stderr
    assert " of them before, and " in done.stderr
    assert "1 error; records in" in done.stderr
    if format == "jsonl":
        assert output.read_bytes() == whole.read_bytes()
    assert format == "jsonl" or pq.read_table(output).equals(pq.read_table(whole))


@pytest.mark.parametrize("program", [[SCRIPTS / "ppinfer"], [sys.executable, "-m", "ppinfer"]])
def test_the_command_works_when_it_is_pasted(config_path, photo_folder, tmp_path, program):
    odd = os.fsdecode(os.fsencode(photo_folder(60)) + b"\xe9 'n\n so$on")
    os.rename(tmp_path / "photos", odd)
    for index in range(30):
        (Path(odd) / f"{index:03}.png").write_bytes(b"nonsense")
    words = ["classify", "-c", config_path, "-o", "lanes=1", "--max-errors", "5", "--output", "r.jsonl", odd]
    command = [*map(str, program), *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=NOT_ON_PATH, cwd=tmp_path)
    assert done.returncode == 3, done.stderr
    done = pasted(command_in(done.stderr), cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    records = [json.loads(line) for line in (tmp_path / "r.jsonl").read_text().splitlines()]
    assert [record["path"] for record in records] == [f"{odd}/{index:03}.png" for index in range(60)]


def test_ctrl_c_into_a_pipe(slow_config, photo_folder, tmp_path):
    with open(tmp_path / "records", "wb") as records:
        arguments = ["-q", "-c", slow_config, "-o", "lanes=1", photo_folder(300)]
        code, said = interrupted(arguments, tmp_path / "records", stdout=records)
    assert code == 130
    assert said == "ppinfer: interrupted; the finished images have their records\n"


@pytest.mark.parametrize("program", [["clas_system"], ["ppinfer", "classify"]])
def test_no_resume_command_if_an_image_came_from_a_pipe(config_path, photo_folder, tmp_path, program):
    name, *words = program
    words += ["-c", config_path, "--max-errors", "0", "--output", "r.jsonl", "-", photo_folder(1)]
    command = [SCRIPTS / name, *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=tmp_path, input="nonsense")
    assert done.returncode == 3, done.stderr
    assert "too many errors" in done.stderr
    assert "--resume" not in done.stderr


def test_too_many_errors(config_path, photo_folder, tmp_path):
    folder = photo_folder(60)
    for index in range(20, 40):
        (folder / f"{index:03}.png").write_bytes(b"nonsense")
    arguments = [
        "-c",
        config_path,
        "-o",
        "lanes=1",
        "--output",
        tmp_path / "r.parquet",
        "--errors",
        tmp_path / "bad.jsonl",
    ]
    done = run(*arguments, "--max-errors", 5, folder)
    assert done.returncode == 3, done.stderr
    assert "ppinfer: stopped early: too many errors (6 of " in done.stderr
    assert "To resume, without a limit on errors:\n  " in done.stderr
    assert "--max-errors" not in done.stderr.partition("without a limit on errors:\n")[2]  # it would end it at once
    assert not (tmp_path / "r.parquet").exists()
    done = run(*arguments, "--max-errors", "50%", "--resume", folder)
    assert done.returncode == 1, done.stderr
    rows = pq.read_table(tmp_path / "r.parquet").to_pylist()
    assert [row["path"] for row in rows] == [str(folder / f"{index:03}.png") for index in range(60)]
    bad = [json.loads(line) for line in (tmp_path / "bad.jsonl").read_text().splitlines()]
    assert [record["path"] for record in bad] == [str(folder / f"{index:03}.png") for index in range(20, 40)]


def test_nothing_to_resume(config_path, photo_folder, tmp_path):
    done = run("-c", config_path, "--resume", "--output", tmp_path / "r.jsonl", photo_folder(2))
    assert done.returncode == 0
    assert "ppinfer: note: no stopped run to resume; started over\n" in done.stderr


def test_full_disk_says_how_to_go_on(slow_config, photo_folder, full_disk):
    folder = photo_folder(40)
    log = full_disk.parent / "log"
    output = full_disk / "r.parquet"
    fill(full_disk, 24 << 10)
    arguments = ["-c", slow_config, "-o", "topk=8", "-o", "lanes=1", "--output", output, "--log-json", log, folder]
    done = run(*arguments)
    assert done.returncode == 2, done.stderr
    assert "No space left on device" in done.stderr
    assert "the records so far are kept in" in done.stderr
    assert shlex.split(command_in(done.stderr))[-1] == "--resume"
    end = json.loads(log.read_text().splitlines()[-1])
    assert (end["event"], end["ended"], end["exit_code"]) == ("end", "failed", 2)
    assert "No space left" in end["message"]
    (full_disk / "filler").unlink()
    assert run("--resume", *arguments).returncode == 0
    assert pq.read_table(output).num_rows == 40


def fill(folder, left_bytes):
    """Take a small disk's room but for so much."""
    free = os.statvfs(folder)
    (folder / "filler").write_bytes(b"x" * (free.f_bavail * free.f_frsize - left_bytes))


# ---- watching --------------------------------------------------------------------------------------------------------


def test_log(slow_config, photo_folder, tmp_path, monkeypatch):
    monkeypatch.setattr(run_log, "EVERY_S", 0.1)
    monkeypatch.setattr(run_view, "FIRST_LINE_S", 0.1)
    folder = photo_folder(60)
    (folder / "004.png").write_bytes(b"nonsense")
    log = tmp_path / "log.jsonl"
    arguments = ["-c", slow_config, "-o", "cpu_math_library_num_threads=1024", "--stats", "--log-json", log]
    done = CliRunner().invoke(app, ["classify", *map(str, [*arguments, "--output", tmp_path / "r.csv", folder])])
    assert done.exit_code == 1, done.output
    events = [json.loads(line) for line in log.read_text().splitlines()]
    assert [event["event"] for event in events[:2]] == ["start", "warning"]
    start, end = events[0], events[-1]
    assert (start["config"]["engine"], start["format"], start["output"]) == ("fake", "csv", str(tmp_path / "r.csv"))
    assert start["inputs"]["paths"] == [str(folder)]
    progress = [event for event in events if event["event"] == "progress"]
    assert len(progress) >= 2
    counts = [event["images"] for event in progress]
    assert counts == sorted(counts)
    assert progress[-1]["total"] == 60
    assert progress[-1]["left_s"] >= 0
    assert (end["event"], end["ended"], end["exit_code"]) == ("end", "complete", 1)
    assert (end["images"], end["errors"]) == (60, 1)
    assert end["stage_shares"]["infer"] > 0.5
    lines = [line for line in done.stderr.splitlines() if " of 60 images, " in line]
    assert lines
    assert all(" images/s, " in line and "infer" in line for line in lines)
    assert "time of the lanes: read" in done.stderr


def test_what_fails_before_the_run_is_logged(config_path, photo_folder, tmp_path):
    log = tmp_path / "log"
    done = run("-c", config_path, "-o", "topk=none", "--log-json", log, "--output", tmp_path / "r", photo_folder(1))
    assert done.returncode == 2
    (event,) = map(json.loads, log.read_text().splitlines())
    assert (event["event"], event["ended"], event["exit_code"]) == ("end", "failed", 2)
    assert "topk" in event["message"]


def test_a_reader_that_has_gone_leaves_nothing_behind(slow_config, photo_folder, tmp_path):
    folder = photo_folder(100)
    places = ["--report", tmp_path / "page.html", "--move-errors", tmp_path / "bad"]
    process = subprocess.Popen(
        [SCRIPTS / "ppinfer", *map(str, ["classify", "-c", slow_config, "-o", "lanes=1", *places, folder])],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout.read(1)
    assert len(os.listdir(tmp_path)) == 3, "the records of the page"
    process.stdout.close()
    assert process.wait(60) == -signal.SIGPIPE
    assert process.stderr.read() == b""
    process.stderr.close()
    assert sorted(os.listdir(tmp_path)) == ["photos", "slow"]


def test_short_runs_and_quiet_ones_show_nothing(config_path, photo_folder):
    folder = photo_folder(8)
    assert run("-c", config_path, "-q", "--stats", folder).stderr == ""
    assert len(run("-c", config_path, folder).stderr.splitlines()) == 1


def test_bar_on_a_terminal(slow_config, photo_folder, tmp_path):
    folder = photo_folder(60)
    controller, terminal = os.openpty()
    with open(tmp_path / "records", "wb") as records:
        command = [SCRIPTS / "ppinfer", "classify", "-c", slow_config, "-o", "lanes=1", "--stats", folder]
        environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
        subprocess.run(command, stdout=records, stderr=terminal, env=environment, check=True)
    os.close(terminal)
    shown = b""
    try:
        while block := os.read(controller, 65536):
            shown += block
    except OSError:  # the other end is closed
        pass
    os.close(controller)
    text = shown.decode()
    assert " of 60 images, " in text
    assert " images/s, 0 errors" in text
    assert " left" in text
    assert "infer " in text
    assert "60 images in " in text


@pytest.mark.parametrize("place", ["-", "r.jsonl", "r.parquet"])
def test_report(config_path, photo_folder, tmp_path, place):
    folder = photo_folder(9)
    (folder / "004.png").write_bytes(b"nonsense")
    done = run("-c", config_path, "--output", place, "--report", "page.html", folder, cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    page = (tmp_path / "page.html").read_text()
    assert "<html" in page
    assert "sha256 of the model" in page
    names = {"model", "page.html", "photos"} | ({place} if place != "-" else set())
    assert set(os.listdir(tmp_path)) == names


def test_no_report_of_a_run_without_images(config_path, photo_folder, tmp_path):
    done = run("-c", config_path, "--report", "page.html", photo_folder(0), cwd=tmp_path)
    assert done.returncode == 2
    assert "no images in" in done.stderr
    assert sorted(os.listdir(tmp_path)) == ["model", "photos"]
