"""clas_system's jobs: stopped by signals, by full disks and by closed pipes, and resumed."""

import json
import os
import re
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from conftest import SCRIPTS, png, small_file_system, write_config

KEYS = "lanes 2\nresize_short_size 8\ncrop_size 8\n"


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """A folder with a model that takes 20 ms an image, and 60 photos, one of them bad."""
    write_config(tmp_path, "delay_ms 20", KEYS)
    (tmp_path / "photos").mkdir()
    for index in range(60):
        (tmp_path / "photos" / f"{index:02}.png").write_bytes(png(index % 8))
    (tmp_path / "photos" / "07.png").write_bytes(b"nonsense")
    return tmp_path


def command(*arguments: str) -> list[str]:
    return [str(SCRIPTS / "clas_system"), "-c", "config.txt", *arguments, "photos"]


def run(world: Path, *arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*arguments), cwd=world, capture_output=True, text=True, timeout=300, **options)


def left(world: Path) -> set[str]:
    return {path.name for path in world.iterdir()} - {"config.txt", "labels.txt", "model.fake", "photos"}


def wait_for(what: Callable[[], object]) -> None:
    end = time.monotonic() + 300
    while not what():
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.fixture
def begun(world: Path) -> Iterator[subprocess.Popen]:
    """A run that has just handed over its first records."""
    with subprocess.Popen(command("--output", "out"), cwd=world, stderr=subprocess.PIPE, text=True) as process:
        wait_for(lambda: (world / "out.part").exists() and (world / "out.part").stat().st_size)
        yield process
        process.kill()


def stop(process: subprocess.Popen, *signals: int) -> tuple[int, str]:
    for number in signals:
        process.send_signal(number)
        wait_for(lambda number=number: process.poll() is not None or not is_pending(process.pid, number))
    return process.wait(300), process.stderr.read()


def is_pending(pid: int, number: int) -> bool:
    """Tell whether the process hasn't been given the signal yet; the same one sent again would be lost."""
    status = Path(f"/proc/{pid}/status").read_text()
    masks = re.findall(r"^(?:Sig|Shd)Pnd:\s*(\w+)$", status, re.MULTILINE)
    return any(int(mask, 16) >> (number - 1) & 1 for mask in masks)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_run_that_goes_on_later(world, begun, number):
    code, told = stop(begun, number)
    assert code == 130
    assert f"To resume:\n  {SCRIPTS}/clas_system -c config.txt --output out photos --resume\n" in told
    assert left(world) == {"out.part", "out.manifest"}
    refused = run(world, "--output", "out")
    assert refused.returncode == 2
    assert "of a stopped run are in out.part: --resume continues the run, --force starts over" in refused.stderr
    resumed = run(world, "--output", "out", "--resume")
    assert resumed.returncode == 1
    assert "60 images, " in resumed.stderr
    assert left(world) == {"out"}
    assert len((world / "out").read_text().splitlines()) == 60


def test_a_second_signal_stops_at_once(tmp_path):
    write_config(tmp_path, "delay_ms 3000", KEYS)
    (tmp_path / "photos").mkdir()
    for name in "ab":
        (tmp_path / "photos" / f"{name}.png").write_bytes(png(1))
    with subprocess.Popen(
        command("-o", "warmup=0", "-o", "lanes=1", "--output", "out"), cwd=tmp_path, stderr=subprocess.PIPE, text=True
    ) as process:
        wait_for(lambda: (tmp_path / "out.part").exists() and (tmp_path / "out.part").stat().st_size)
        # The engine has begun the second image.
        assert stop(process, signal.SIGINT, signal.SIGINT)[0] == -signal.SIGINT


def test_resume_without_a_stopped_run_begins(world):
    done = run(world, "--output", "out", "--resume")
    assert done.returncode == 1
    assert "no stopped run to resume" in done.stderr
    assert left(world) == {"out"}


def test_force_starts_over(world, begun):
    stop(begun, signal.SIGKILL)
    done = run(world, "--output", "out", "--force", "-o", "topk=2")
    assert done.returncode == 1
    assert "clas_system: 60 images in " in done.stderr


def test_a_changed_model_is_named(world, begun):
    stop(begun, signal.SIGKILL)
    (world / "model.fake").write_text("classes 8\n")
    refused = run(world, "--output", "out", "--resume", "--hidden", "-o", "topk=2")
    assert refused.returncode == 2
    for expected in ("hash of the model is", "topk is 2, was 5", "hidden is 1, was 0"):
        assert expected in refused.stderr
    assert left(world) == {"out.part", "out.manifest"}


def test_another_program_resumes_it(world, begun):
    stop(begun, signal.SIGKILL)
    other = [str(SCRIPTS / "ppinfer"), "classify", *command("--output", "out", "--resume")[1:]]
    done = subprocess.run(other, cwd=world, capture_output=True, text=True, timeout=300)
    assert done.returncode == 1, done.stderr
    assert "60 images, " in done.stderr
    assert left(world) == {"out"}


def test_too_many_errors_end_it_with_code_3(world):
    for index in range(10, 20):
        (world / "photos" / f"{index}.png").write_bytes(b"nonsense")
    stopped = run(world, "--output", "out", "--errors", "bad", "--max-errors", "2")
    assert stopped.returncode == 3
    assert "stopped early: too many errors" in stopped.stderr
    assert "To resume, without a limit on errors:\n" in stopped.stderr
    assert f"  {SCRIPTS}/clas_system -c config.txt --output out --errors bad photos --resume\n" in stopped.stderr
    (errors_part,) = left(world) - {"out.part", "out.manifest"}
    run_id = json.loads((world / "out.manifest").read_text().splitlines()[-1])["id"]
    assert errors_part == f"bad.{run_id[:8]}.part"
    resumed = run(world, "--output", "out", "--errors", "bad", "--max-errors", "50%", "--resume")
    assert resumed.returncode == 1
    assert len((world / "bad").read_text().splitlines()) == 11


@pytest.mark.parametrize("limit", ["many", "-1", "1.5", "101%", "%", "2 %"])
def test_a_limit_that_is_none(world, limit):
    refused = run(world, f"--max-errors={limit}")
    assert refused.returncode == 2
    assert f"--max-errors {limit}: expected a number of images" in refused.stderr


def test_folders_for_images_that_are_none(world):
    refused = run(world, "--by", "magic")
    assert refused.returncode == 2
    assert "--by magic: expected --sort-into DIR, too" in refused.stderr
    assert "--by magic: expected copy, hardlink or symlink" in refused.stderr
    refused = run(world, "--sort-into", "", "--move-errors", "")
    for flag in ("--sort-into", "--move-errors"):
        assert f"{flag}: expected the name of a folder, got an empty one" in refused.stderr


def test_what_makes_no_sense_together(world):
    assert "expected one of them" in run(world, "--output", "out", "--resume", "--force").stderr
    assert "standard output is none" in run(world, "--resume").stderr


@pytest.mark.parametrize("program", [["clas_system"], ["ppinfer", "classify"]])
def test_an_output_that_must_be_an_input_is_refused(world, program):
    (world / "list.txt").write_text("photos/01.png\n")
    (world / "s1.tar").write_bytes(b"the first shard")
    mistakes = {
        ("--errors", "photos/01.png"): "an image's name",
        ("--output", "s1.tar"): "an archive's name",
        ("--errors", "s1.tar"): "an archive's name",
        ("--output", "./list.txt"): "the list of images",
        ("--errors", "list.txt"): "the list of images",
        ("--output", "config.txt"): "the config",
    }
    for (flag, name), meant in mistakes.items():
        before = (world / name).read_bytes()
        words = [SCRIPTS / program[0], *program[1:], "-c", "config.txt", "--list", "list.txt", flag, name, "photos"]
        refused = subprocess.run(words, cwd=world, capture_output=True, text=True, timeout=300)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert f"{name}: that is {meant}, expected a file" in refused.stderr
        assert (world / name).read_bytes() == before


def test_the_command_that_goes_on_is_one_for_a_shell(world):
    for index in range(10, 20):
        (world / "photos" / f"{index}.png").write_bytes(b"nonsense")
    odd = ["my answers", "it's", "a\nb", "é", os.fsdecode(b"caf\xe9")]
    options = [word for pattern in odd for word in ("--exclude", pattern)]
    arguments = [*options, "--output", "my out", "--max-errors=2", "--force", "--list", "-"]
    stopped = subprocess.run(
        command(*arguments), cwd=world, input=b"", capture_output=True, timeout=300, env={**os.environ, "LC_ALL": "C"}
    )
    assert stopped.returncode == 3
    told = os.fsdecode(stopped.stderr)
    assert ", without a limit on errors, with the same list on standard input:\n" in told
    line = next(line for line in told.splitlines() if line.startswith("  "))
    assert r"--exclude $'a\012b'" in line
    assert r"--exclude é --exclude $'caf\351'" in line.replace("'é'", "é")
    resumed = subprocess.run(
        ["bash", "-c", line], cwd=world, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300
    )
    assert resumed.returncode == 1, resumed.stderr
    assert left(world) == {"my out"}


@pytest.mark.parametrize("program", [["clas_system"], ["ppinfer", "classify"]])
@pytest.mark.parametrize("closed", [[2], [0, 2], [0, 1, 2]])
def test_a_closed_standard_stream_is_none_of_the_runs_files(world, program, closed):
    words = [SCRIPTS / program[0], *program[1:], "-c", "config.txt", "--output", "out", "photos"]

    def close() -> None:
        for number in closed:
            os.close(number)

    with subprocess.Popen(words, cwd=world, preexec_fn=close, stdout=subprocess.PIPE) as process:
        wait_for(lambda: (world / "out.part").exists() and (world / "out.part").stat().st_size)
        files = {number: os.readlink(f"/proc/{process.pid}/fd/{number}") for number in closed}
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
        assert process.stdout.read() == b"", "what is said goes nowhere, and not there"
    assert set(files.values()) == {"/dev/null"}
    resumed = subprocess.run([*words, "--resume"], cwd=world, capture_output=True, text=True, timeout=300)
    assert resumed.returncode == 1, resumed.stderr
    assert left(world) == {"out"}


def test_records_for_a_closed_stream_are_an_error(world):
    done = subprocess.run(
        command(), cwd=world, stderr=subprocess.PIPE, text=True, timeout=300, preexec_fn=lambda: os.close(1)
    )
    assert done.returncode == 2
    assert "cannot write to standard output: it is closed" in done.stderr


def test_a_mistyped_path_costs_no_earlier_records(world):
    (world / "out").write_text("earlier")
    for flag in ("--output", "--errors"):
        done = subprocess.run([*command(flag, "out")[:-1], "fotos"], cwd=world, capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == (
            "clas_system: fotos: no such file\nclas_system: nothing to classify: nothing is written\n"
        )
        assert (world / "out").read_text() == "earlier"
    none = run(world, "--output", "out", "--include", "*.jpg")
    assert none.returncode == 2
    assert "no images in photos: 60 files skipped" in none.stderr
    assert (world / "out").read_text() == "earlier"


def test_one_run_at_a_time(world, begun):
    begun.send_signal(signal.SIGSTOP)
    for arguments in ([], ["--force"], ["--resume"]):
        refused = run(world, "--output", "out", *arguments)
        assert refused.returncode == 2
        assert "out.manifest is being written by another run" in refused.stderr
    assert stop(begun, signal.SIGCONT)[0] == 1


def test_a_removed_output_is_noticed(world, begun):
    (world / "out.part").unlink()
    code, told = stop(begun)
    assert code == 2
    assert "out.part was removed or replaced" in told
    assert run(world, "--output", "out").returncode == 1


def test_a_failure_doesnt_wait_for_a_list_to_go_on(world):
    arguments = [*command("--list", "-", "--output", "out")[:-1]]
    with subprocess.Popen(
        arguments, cwd=world, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:  # whose standard input stays open
        process.stdin.write("photos/01.png\n")
        process.stdin.flush()
        wait_for(lambda: (world / "out.part").exists() and (world / "out.part").stat().st_size)
        (world / "out.part").unlink()
        assert process.wait(20) == 2
        assert "out.part was removed or replaced" in process.stderr.read()


def test_an_input_that_vanishes_is_a_record(world, begun):
    (world / "photos" / "55.png").unlink()
    assert stop(begun)[0] == 1
    records = (world / "out").read_text().splitlines()
    assert len(records) == 60
    assert "error in read: no such file" in records[55]


def limit_file_sizes(byte_count: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (byte_count, byte_count))


def test_a_file_at_its_size_limit_is_said_and_the_run_goes_on_later(world):
    (world / "model.fake").write_text("classes 8\n")
    full = run(world, "--output", "out", "--format", "csv", preexec_fn=limit_file_sizes(3000))
    assert full.returncode == 2
    assert "cannot write out.part: File too large" in full.stderr or "out.manifest" in full.stderr
    resumed = run(world, "--output", "out", "--format", "csv", "--resume")
    assert resumed.returncode == 1, resumed.stderr
    again = run(world, "--output", "again", "--format", "csv")
    assert again.returncode == 1
    assert (world / "out").read_bytes() == (world / "again").read_bytes()


@pytest.fixture
def small_disk(world: Path) -> Iterator[Path]:
    """A file system of 64 kB."""
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(small_file_system(world / "photos" / ".disk", "64k"))
        except subprocess.CalledProcessError:
            pytest.skip("this user may not mount a tmpfs; the size limit above stands in for a full disk")
        yield folder


def test_a_full_disk(world, small_disk):
    (world / "model.fake").write_text("classes 8\n")
    filler = small_disk / "filler"
    filler.write_bytes(b"x" * 52_000)
    output = ["--output", "photos/.disk/out", "--format", "csv"]
    long_names = world / "photos" / ("long " * 40)
    long_names.mkdir()
    for index in range(60):
        (long_names / f"{index}.png").write_bytes(png(1))
    full = run(world, *output)
    assert full.returncode == 2, full.stderr
    assert "No space left on device" in full.stderr
    filler.unlink()
    resumed = run(world, *output, "--resume")
    assert resumed.returncode == 1, resumed.stderr
    run(world, "--output", "again", "--format", "csv")
    assert (small_disk / "out").read_bytes() == (world / "again").read_bytes()


def test_a_closed_pipe_ends_it_quietly(world):
    with subprocess.Popen(
        command("--errors", "bad"), cwd=world, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        process.stdout.close()
        assert process.wait(20) == -signal.SIGPIPE
    assert run(world, "--errors", "bad").returncode == 1, "nothing of that can be resumed, nor hinders"
    assert left(world) == {"bad"}


def test_a_target_that_cannot_be_written(world):
    (world / "sealed").mkdir()
    (world / "sealed" / "out").write_text("earlier answers\n")
    arguments = command("--output", "sealed/out")
    options = {"cwd": world, "capture_output": True, "text": True}
    os.chmod(world / "sealed", 0o555)
    if os.geteuid() == 0:  # root is bound by permissions only without what passes over them
        if not shutil.which("setpriv"):
            pytest.skip("there is no setpriv to give up root's rights")
        dropped = "-dac_override,-dac_read_search"
        arguments = ["setpriv", f"--bounding-set={dropped}", f"--inh-caps={dropped}", *arguments]
    refused = subprocess.run(arguments, **options)
    assert refused.returncode == 2
    assert "sealed/out" in refused.stderr
    assert "Permission denied" in refused.stderr
    assert (world / "sealed" / "out").read_text() == "earlier answers\n"
