"""Which inputs a run takes: InputSelection, Predictor's keywords, and the flags of both programs."""

import io
import json
import os
import pickle
import resource
import signal
import subprocess
import sys
import sysconfig
import tarfile
import threading
import time
import zipfile
from itertools import chain
from pathlib import Path

import pytest
import typer

import ppinfer
from conftest import png, top
from ppinfer import InputSelection, _core
from ppinfer.commands.input_options import selection_of
from ppinfer.image_folder import images_in_folder

SCRIPTS = Path(sysconfig.get_path("scripts"))


def make_tar(path: Path, members: dict[str, bytes], mode: str = "w") -> Path:
    with tarfile.open(path, mode) as archive:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return path


def make_zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def found(selection: InputSelection, root: Path) -> list[str]:
    return [path.removeprefix(f"{root}/") for path in selection.open()]


@pytest.mark.parametrize(
    ("keywords", "expected"),
    [
        ({}, ["a.png", "in/b.png", "in/c.jpg"]),
        ({"include": ("*.png",)}, ["a.png", "in/b.png"]),
        ({"exclude": ("in/",)}, ["a.png"]),
        ({"hidden": True}, [".d.png", "a.png", "in/b.png", "in/c.jpg"]),
        ({"follow_links": False}, ["a.png", "in/b.png"]),
    ],
)
def test_choices(tmp_path, keywords, expected):
    (tmp_path / "in").mkdir()
    for name in ("a.png", "in/b.png", ".d.png", "labels.txt"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "in/c.jpg").symlink_to("b.png")
    selection = InputSelection(paths=(str(tmp_path),), **keywords)
    assert found(selection, tmp_path) == expected


def test_shards_share_out_what_there_is(tmp_path):
    for i in range(50):
        (tmp_path / f"{i}.png").write_bytes(b"")
    parts = [found(InputSelection(paths=(str(tmp_path),), shard=(i, 3)), tmp_path) for i in (1, 2, 3)]
    assert sorted(chain(*parts)) == sorted(os.listdir(tmp_path))
    assert all(8 < len(part) < 26 for part in parts)


def test_what_is_wrong_is_told_at_once(tmp_path):
    for wrong in (
        InputSelection(include=("[a",)),
        InputSelection(exclude=("/x",)),
        InputSelection(shard=(3, 2)),
        InputSelection(list_path=str(tmp_path / "missing")),
    ):
        with pytest.raises(ppinfer.ConfigError):
            wrong.open()


def test_a_selection_is_a_value():
    selection = InputSelection(paths=("a",), exclude=("b\udce9",), shard=(2, 3), list_path="-")
    assert pickle.loads(pickle.dumps(selection)) == selection
    assert hash(selection) == hash(pickle.loads(pickle.dumps(selection)))
    assert selection != InputSelection(paths=("a",))
    assert repr(InputSelection(paths=("a",))) == (
        "InputSelection(paths=('a',), include=(), exclude=(), hidden=False, follow_links=True, shard=(1, 1), "
        "list_path=None, list_ends_in_nul=False)"
    )
    with pytest.raises(AttributeError):
        selection.hidden = True


@pytest.mark.parametrize("make", [make_tar, make_zip])
def test_members_of_archives_have_results_under_their_names(predictor, tmp_path, make):
    suffix = ".tar" if make is make_tar else ".zip"
    (tmp_path / "in").mkdir()
    (tmp_path / "in/z.png").write_bytes(png(5))
    shard = make(tmp_path / f"in/shard{suffix}", {"a/1.png": png(1), "bad.jpg": b"nonsense", "ü.png": png(2)})
    results = predictor.classify_folder(tmp_path / "in")
    names = [os.path.relpath(result.path, tmp_path / "in") for result in results]
    assert names == [f"{shard.name}::a/1.png", f"{shard.name}::bad.jpg", f"{shard.name}::ü.png", "z.png"]
    assert [result.status for result in results] == ["ok", "error", "ok", "ok"]
    assert [top(result) for result in results if result.status == "ok"] == [1, 2, 5]
    assert top(predictor.predict(f"{shard}::ü.png")) == 2
    assert ppinfer.decode(f"{shard}::a/1.png").shape == predictor.decode(f"{shard}::a/1.png").shape
    missing = predictor.predict(f"{shard}::2.png")
    assert (missing.error.stage, missing.error.message) == ("read", "the archive has no member of this name")


def test_a_cut_archive_gives_what_is_there_and_one_error(predictor, tmp_path):
    shard = make_tar(tmp_path / "shard.tar", {f"{i}.png": png(i) for i in range(4)})
    content = shard.read_bytes()
    shard.write_bytes(content[: content.index(b"2.png") + 512 + 20])  # within the third
    summary = predictor.write_records(shard, tmp_path / "out.jsonl")
    records = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [record["path"] for record in records] == [*(f"{shard}::{i}.png" for i in range(3)), str(shard)]
    assert (summary.images, summary.errors) == (4, 2)
    assert records[2]["error"]["message"].startswith("cannot be read from the archive: ")
    assert records[3]["error"]["message"].startswith("the archive cannot be read in full (3 members found): ")


def test_keywords_of_predictor(predictor, photo_folder, tmp_path):
    folder = photo_folder(20)
    (tmp_path / "list").write_text(f"{folder / '003.png'}\n{folder / '001.png'}\n")
    results = predictor.classify_folder(folder, include=["01*"], exclude=["*5.png"])
    assert [Path(result.path).name for result in results] == [f"01{i}.png" for i in range(10) if i != 5]
    summary = predictor.write_records((), tmp_path / "out.csv", format="csv", list_path=tmp_path / "list")
    assert summary.images == 2
    assert predictor.write_records(f"{folder}/*7.png", "/dev/null").images == 2
    with pytest.raises(ppinfer.ConfigError, match="shard 0/0"):
        predictor.classify_folder(folder, shard=(0, 0))


def test_flags_make_a_selection():
    nothing = {"list_path": None, "list_ends_in_nul": False, "include": None, "exclude": None, "shard": None}
    nothing |= {"hidden": False, "follow_links": True}
    assert selection_of(["a"], **nothing) == InputSelection(paths=("a",))
    given = {"list_path": "-", "list_ends_in_nul": True, "include": ["*.jpg"], "exclude": ["b"], "shard": "2/3"}
    assert selection_of(None, **given, hidden=True, follow_links=False) == InputSelection(
        include=("*.jpg",),
        exclude=("b",),
        hidden=True,
        follow_links=False,
        shard=(2, 3),
        list_path="-",
        list_ends_in_nul=True,
    )
    with pytest.raises(typer.BadParameter, match="expected at least one image"):
        selection_of([], **nothing)
    with pytest.raises(typer.BadParameter, match="without a list"):
        selection_of(["a"], **{**nothing, "list_ends_in_nul": True})


@pytest.mark.parametrize("wrong", ["2", "0/3", "4/3", "1/0", "a/b", "1/3x", "-1/3", "", "1/99999999999999999999"])
def test_wrong_shards(wrong):
    with pytest.raises(ppinfer.ConfigError, match="expected I/N"):
        _core.parse_shard(wrong)


def clas_system(config_path, *arguments, given=b""):
    command = [SCRIPTS / "clas_system", "-c", config_path, "--format", "csv", *arguments]
    done = subprocess.run(command, input=given, capture_output=True)
    paths = [line.split(b",")[0].decode() for line in done.stdout.splitlines()[1:]]
    return done.returncode, paths, done.stderr.decode()


def test_flags_of_clas_system(config_path, photo_folder):
    folder = photo_folder(20)
    make_tar(folder / "s.tar", {"x.png": png(1)})
    (folder / ".h.png").write_bytes(png(1))
    (folder / "l.png").symlink_to("000.png")
    code, paths, _ = clas_system(
        config_path, folder, "--exclude", "01?.png", "--exclude", "[2-9]*", "--include", "*.png"
    )
    assert code == 0
    assert paths == [f"{folder}/{i:03}.png" for i in range(10)] + [f"{folder}/l.png", f"{folder}/s.tar::x.png"]
    _, paths, _ = clas_system(config_path, f"{folder}/*", "--hidden", "--no-follow-links", "--include", "[.ls]*")
    assert paths == [f"{folder}/.h.png"]
    shards = [clas_system(config_path, folder, "--shard", f"{i}/3")[1] for i in (1, 2, 3)]
    assert len(list(chain(*shards))) == len(set(chain(*shards))) == 22


def test_clas_system_reads_lists(config_path, photo_folder):
    folder = photo_folder(3)
    lines = f"{folder}/002.png\n\n{folder}/000.png".encode()
    assert clas_system(config_path, "--list", "-", given=lines)[1] == [f"{folder}/002.png", f"{folder}/000.png"]
    nuls = f"{folder}/002.png\0{folder}/a\nb.png\0".encode()
    code, _, said = clas_system(config_path, "--list", "-", "-0", given=nuls)
    assert code == 1, said
    code, _, said = clas_system(config_path, "--list", "-", given=nuls)
    assert code == 2
    assert "the list on standard input: line 1 holds a NUL byte" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--shard", "3"], "--shard 3: expected I/N"),
        (["--shard", "3/2"], "shard 3/2: expected I/N"),
        (["--include", "[a"], 'the pattern "[a" has a [ without its ]'),
        (["--list", "nowhere"], "the list nowhere cannot be read: no such file"),
        (["-0"], "-0: without a list"),
    ],
)
def test_wrong_flags_of_clas_system(config_path, photo_folder, arguments, said):
    code, _, message = clas_system(config_path, photo_folder(1), *arguments)
    assert code == 2
    assert said in message


CLASSIFIERS = {
    "clas_system": [SCRIPTS / "clas_system"],
    "ppinfer": [SCRIPTS / "ppinfer", "classify"],
    "ppinfer that sorts": [SCRIPTS / "ppinfer", "classify", "--sort-into", "sorted"],
}


@pytest.mark.parametrize("program", CLASSIFIERS.values(), ids=CLASSIFIERS)
def test_who_waits_for_answers_before_more_is_sent_gets_them(config_path, photo_folder, tmp_path, program):
    folder = photo_folder(3)
    command = [*program, "-c", config_path, "-o", "batch_size=4", "--format", "csv", "--list", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path) as process:
        gives_up = threading.Timer(100, process.kill)
        gives_up.daemon = True
        gives_up.start()
        assert process.stdout.readline().startswith(b"path,")
        for names in (["001.png"], ["000.png", "002.png"], ["001.png"]):
            process.stdin.write("".join(f"{folder}/{name}\n" for name in names).encode())
            process.stdin.flush()
            for name in names:
                assert process.stdout.readline().startswith(f"{folder}/{name}".encode())
        process.stdin.close()
        assert process.wait() == 0
        gives_up.cancel()


def test_a_line_that_is_no_path_costs_none_before_it(config_path, photo_folder):
    folder = photo_folder(1)
    lines = f"{folder}/000.png\n".encode() * 6 + b"a\0b\n"
    code, paths, said = clas_system(config_path, "-o", "batch_size=4", "--list", "-", given=lines)
    assert (code, paths) == (2, [f"{folder}/000.png"] * 6)
    assert "line 7 holds a NUL byte" in said


def test_counting_does_not_hold_the_interpreter(tmp_path):
    script = (
        "import os, sys, threading; from ppinfer import _core\n"
        "read, write = os.pipe()\n"
        "count = lambda: print(len(list(_core.InputSelection(list_path=f'/dev/fd/{read}').open())))\n"
        "thread = threading.Thread(target=count)\n"
        "thread.start(); os.write(write, b'a.jpg\\nb.jpg\\n'); os.close(write); thread.join()"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=300)
    assert done.stdout == "2\n", done.stderr


def test_an_interrupt_ends_the_wait_for_a_list(config_path, photo_folder):
    folder = photo_folder(1)
    command = [SCRIPTS / "clas_system", "-c", config_path, "--format", "csv", "--list", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdin.write(f"{folder}/000.png\n".encode())
        process.stdin.flush()
        _, record = process.stdout.readline(), process.stdout.readline()
        assert record.startswith(f"{folder}/000.png".encode())
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=300) == 130  # with standard input still open


def test_a_member_that_memory_is_too_small_for_is_one_error(config_path, tmp_path):
    large = tarfile.TarInfo("large.png")
    large.size = 900 << 20
    with (tmp_path / "a.tar").open("wb") as file:
        file.write(large.tobuf() + b"\x89PNG\r\n\x1a\n")
        file.truncate(512 + large.size)  # a hole
        file.seek(0, os.SEEK_END)
        small = make_tar(tmp_path / "small.tar", {"small.png": png(1)})
        file.write(small.read_bytes())
    done = subprocess.run(
        [SCRIPTS / "clas_system", "-c", config_path, "--format", "jsonl", tmp_path / "a.tar"],
        capture_output=True,
        text=True,
        timeout=300,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (1200 << 20, 1200 << 20)),
    )
    assert done.returncode == 1, done.stderr
    first, second = map(json.loads, done.stdout.splitlines())
    assert (first["status"], first["error"]["stage"], second["status"]) == ("error", "machine", "ok")
    assert "out of memory" in first["error"]["message"]


WAITING = {
    "a job": "predictor.write_records([], sys.argv[1] + '.jsonl', list_path=sys.argv[1])",
    "paths": "list(InputSelection(list_path=sys.argv[1]).open())",
}


@pytest.mark.parametrize("call", WAITING.values(), ids=WAITING)
def test_ctrl_c_ends_the_wait_for_a_list_that_nobody_writes(config_path, tmp_path, call):
    os.mkfifo(tmp_path / "list")
    script = (
        "import sys, signal; from ppinfer import InputSelection, Predictor, _core\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        f"predictor = Predictor({str(config_path)!r})\n"
        f"print('waiting', flush=True)\n{call}"
    )
    command = [sys.executable, "-c", script, tmp_path / "list"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "waiting\n"
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        try:
            _, said = process.communicate(timeout=300)
        finally:
            process.kill()
    assert "KeyboardInterrupt" in said


def test_a_list_without_images_is_named(config_path, tmp_path):
    (tmp_path / "empty").touch()
    code, _, said = clas_system(config_path, "--list", tmp_path / "empty")
    assert (code, said) == (2, f"clas_system: no images in the list {tmp_path}/empty\n")


def test_what_reads_images_alone_leaves_archives_out(photo_folder):
    folder = photo_folder(3)
    for name in ("a.tar", "b.ZIP", "c.Tar.gz"):
        make_tar(folder / name, {"x.png": png(1)})
    assert len(list(InputSelection(paths=(str(folder),)).open())) == 6
    assert images_in_folder(str(folder)) == [str(folder / f"{i:03}.png") for i in range(3)]
