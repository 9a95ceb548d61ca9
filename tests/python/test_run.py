"""A run that is stopped and resumed, from Python."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import threading
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from conftest import CLASSES, png, write_config
from ppinfer import ConfigError, RunSummary, RuntimeFailure, _core
from ppinfer.config_values import load_config
from ppinfer.run import RunOptions, write_records
from ppinfer.selection import InputSelection


def run(core: _core.Predictor, photos: Path, on_progress=None, **options: object) -> RunSummary:
    return write_records(core, InputSelection(paths=(str(photos),)), RunOptions(**options), on_progress=on_progress)


def core_of(folder: Path, delay_ms: int = 0, **keys: str) -> _core.Predictor:
    config = write_config(folder, model=f"delay_ms {delay_ms}")
    given = {"lanes": "2", "resize_short_size": "8", "crop_size": "8", **keys}
    return _core.Predictor(load_config(config, [(key, value, "argument") for key, value in given.items()]))


@pytest.fixture
def core(tmp_path: Path) -> _core.Predictor:
    return core_of(tmp_path / "model")


@pytest.fixture
def slow_core(tmp_path: Path) -> _core.Predictor:
    """20 ms an image, two at a time."""
    return core_of(tmp_path / "model", delay_ms=20)


@pytest.fixture
def photos(photo_folder: Callable[[int], Path]) -> Path:
    folder = photo_folder(50)
    (folder / "007.png").write_bytes(b"nonsense")
    return folder


def stop_after(images: int) -> Callable[[RunSummary], None]:
    """What Ctrl-C does, by a clock that counts images."""

    def look(so_far: RunSummary) -> None:
        if so_far.images >= images:
            raise KeyboardInterrupt

    return look


@pytest.mark.parametrize("format", ["jsonl", "csv", "text"])
def test_interrupted_and_resumed(slow_core, photos, tmp_path, format):
    whole = run(slow_core, photos, output=tmp_path / "whole", format=format, errors=tmp_path / "bad")
    assert (whole.ended, whole.images, whole.errors, whole.lanes) == ("complete", 50, 1, 2)
    output = tmp_path / "out"
    options = {"output": output, "format": format, "errors": tmp_path / "bad"}
    stopped = run(slow_core, photos, **options, on_progress=stop_after(10))
    assert stopped.ended == "interrupted"
    assert 10 <= stopped.images < 50
    assert not output.exists()
    resumed = run(slow_core, photos, **options, resume=True)
    assert (resumed.ended, resumed.done_before) == ("complete", stopped.images)
    assert (resumed.images_in_all, resumed.errors_in_all) == (50, 1)
    assert output.read_bytes() == (tmp_path / "whole").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad", "model", "out", "photos", "whole"]


def test_ctrl_c_finishes_what_is_begun(slow_core, photos, tmp_path):
    interrupts = []

    def interrupt(so_far):
        if so_far.images and not interrupts:
            interrupts.append(so_far)
            os.kill(os.getpid(), signal.SIGINT)

    stopped = run(slow_core, photos, output=tmp_path / "out", on_progress=interrupt)
    assert stopped.ended == "interrupted"
    assert 1 <= stopped.images < 50
    records = (tmp_path / "out.part").read_text().splitlines()
    assert len(records) == stopped.images
    assert json.loads(records[-1])["path"].endswith(f"{stopped.images - 1:03}.png")


def test_a_second_ctrl_c_stops_at_once(tmp_path, photos):
    core = core_of(tmp_path / "model", delay_ms=500, batch_size="25")  # what is begun takes longer than anyone waits
    second = threading.Timer(0.2, lambda: os.kill(os.getpid(), signal.SIGINT))

    def interrupt(so_far):
        if second.ident is None:  # not started
            second.start()
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        run(core, photos, output=tmp_path / "out", on_progress=interrupt)
    second.join()
    assert not (tmp_path / "out").exists()


def test_progress_has_live_totals(slow_core, photos, tmp_path):
    seen = []
    main = threading.get_ident()

    def look(so_far):
        assert threading.get_ident() == main
        seen.append((time.monotonic(), so_far))

    run(slow_core, photos, output=tmp_path / "out", on_progress=look)
    assert len(seen) >= 4
    assert all(b[0] - a[0] > 0.09 for a, b in pairwise(seen))
    first, last = seen[0][1], seen[-1][1]
    assert first.images < last.images <= 50  # on a busy machine 0 at first
    assert first.stage_s["infer"] < last.stage_s["infer"] <= 2 * last.wall_s
    assert (last.errors, last.lanes, last.done_before) == (1, 2, 0)


def test_what_progress_raises_comes_out(slow_core, photos, tmp_path):
    raised = RuntimeError("enough")

    def look(so_far):
        raise raised

    with pytest.raises(RuntimeError, match="enough") as caught:
        run(slow_core, photos, output=tmp_path / "out", on_progress=look)
    assert caught.value is raised
    assert run(slow_core, photos, output=tmp_path / "out", resume=True).images_in_all == 50


def test_changed_model_config_format_and_inputs_are_named(slow_core, photos, tmp_path):
    output = tmp_path / "out"
    run(slow_core, photos, output=output, on_progress=stop_after(5))
    (tmp_path / "other.txt").write_text("".join(f"{i} other {i}\n" for i in range(CLASSES)))
    other = core_of(tmp_path / "other", delay_ms=1, topk="2", lanes="1", label_path=str(tmp_path / "other.txt"))
    with pytest.raises(ConfigError) as refused:
        run(other, photos, output=output, format="csv", resume=True)
    *changes, way_out = refused.value.problems
    assert len(changes) == 4
    for expected in ("format is csv, was jsonl", "hash of the model is", "topk is 2, was 5", "labels is"):
        assert any(expected in problem for problem in changes), (expected, changes)
    assert "--force" in way_out
    with pytest.raises(ConfigError, match=r"paths is .*model, was .*photos"):
        run(slow_core, tmp_path / "model", output=output, resume=True)
    (photos / "001a.png").write_bytes(png(1))
    with pytest.raises(ConfigError, match=r"input 3 is .*001a\.png now, was .*002\.png"):
        run(slow_core, photos, output=output, resume=True)
    with pytest.raises(ConfigError, match="of a stopped run"):
        run(slow_core, photos, output=output)
    assert run(slow_core, photos, output=output, force=True).images == 51


def test_lanes_and_names_of_files_may_change(slow_core, photos, tmp_path):
    output = tmp_path / "out"
    run(slow_core, photos, output=output, on_progress=stop_after(5))
    moved = core_of(tmp_path / "elsewhere", delay_ms=20, lanes="1")
    assert run(moved, photos, output=output, resume=True).done_before >= 5


def test_too_many_errors(core, photos, tmp_path):
    for index in range(10, 40):
        (photos / f"{index:03}.png").write_bytes(b"nonsense")
    stopped = run(core, photos, output=tmp_path / "out", max_errors=3)
    assert stopped.ended == "max_errors"
    assert stopped.errors >= 4
    assert stopped.images < 50


def test_one_run_at_a_time(slow_core, photos, tmp_path):
    run(slow_core, photos, output=tmp_path / "out", on_progress=stop_after(5))
    with open(tmp_path / "out.manifest") as manifest:
        fcntl.flock(manifest, fcntl.LOCK_EX)
        with pytest.raises(RuntimeFailure, match="written by another run"):
            run(slow_core, photos, output=tmp_path / "out", resume=True)


def test_where_files_are(tmp_path):
    link = tmp_path / "link"
    link.symlink_to("target.csv")
    target = str(tmp_path / "target.csv")
    assert _core.run_files(os.fsencode(link)) == (target, f"{target}.part", f"{target}.manifest")
    assert _core.run_files(b"-") is None
    assert _core.run_files(b"/dev/null") is None


def test_names_that_are_not_utf8(core, tmp_path):
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    folder.mkdir()
    (folder / "a.png").write_bytes(png(4))
    summary = run(core, folder, output=folder / "out")
    assert summary.images == 1
    assert (folder / "out").exists()
