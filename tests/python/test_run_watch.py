"""What shows while a run goes on: words, plain lines, the log."""

import io
import json

import pytest

import ppinfer
from ppinfer._core import RunProgress, stages_in_words
from ppinfer.commands.run_log import RunLog
from ppinfer.commands.run_view import PlainLines


class Clock:
    """Seconds that a test turns on."""

    now = 0.0

    def __call__(self):
        return self.now


def state_at(second, **more):
    stage_s = {"decode": second, "infer": 0.5 * second}  # the other stages take no time
    return ppinfer.RunSummary(
        images=int(100 * second), errors=2, skipped=0, wall_s=second, lanes=2, stage_s=stage_s, **more
    )


STAGES = "read 0 %, decode 50 %, preprocess 0 %, infer 25 %, postprocess 0 %, write 0 %, idle 25 %"
NOTHING = ppinfer.RunSummary(images=0, errors=0, skipped=0, wall_s=0)


def progress_at(summary, total=None):
    progress = RunProgress()
    for second in range(1, int(summary.wall_s)):
        progress.add(state_at(second))
    progress.add(summary, total)
    return progress


def test_words():
    assert RunProgress().in_words() == "0 images, 0.0 images/s, 0 errors"
    for more, words in {
        "19,900 images, 100.0 images/s, 2 errors": {},
        "19,900 of 40,000+ images, 100.0 images/s, 2 errors": {"found": 40_000},
        "19,900 of 40,000 images, 100.0 images/s, 2 errors, 3:21 left": {"found": 40_000, "found_all": True},
        "20,000 of 40,000 images, 100.0 images/s, 2 errors, 3:20 left": {
            "found": 40_000,
            "found_all": True,
            "done_before": 100,
        },
        "19,900 of 1,000,000 images, 100.0 images/s, 2 errors, 2:43:21 left": {"found": 10**6, "found_all": True},
        "19,900 of 10 images, 100.0 images/s, 2 errors, 0:00 left": {"found": 10, "found_all": True},
    }.items():
        assert progress_at(state_at(199, **words)).in_words() == more
    assert progress_at(state_at(199), total=20_000).in_words().startswith("19,900 of 20,000 images, ")
    assert stages_in_words(state_at(4)) == STAGES
    assert stages_in_words(NOTHING) == ""


def test_rate_is_of_late():
    def of(images, second):
        return ppinfer.RunSummary(images=images, errors=0, skipped=0, wall_s=second)

    progress = RunProgress()
    assert progress.images_per_s == 0
    for second in range(1, 101):
        progress.add(of(1000 * min(second, 50) + 10 * max(0, second - 50), second))
    assert progress.images_per_s == pytest.approx(10)
    assert progress.seconds_left is None


def test_plain_lines_get_rarer():
    clock, out = Clock(), io.StringIO()
    lines = PlainLines(False, out, clock)
    times = []
    progress = RunProgress()
    for tenth in range(36_000):  # an hour
        clock.now = tenth / 10
        before = out.tell()
        summary = state_at(int(clock.now))
        progress.add(summary, 1_000_000)
        lines.update(summary, progress, 1_000_000)
        if out.tell() > before:
            times.append(clock.now)
    assert times[:3] == [5, 10, 15]
    assert 59 < times[-1] - times[-2] < 61
    assert 60 < len(times) < 120
    first = out.getvalue().splitlines()[0]
    assert first == "ppinfer: 500 of 1,000,000 images, 100.0 images/s, 2 errors, 2:46:35 left"


def test_plain_lines_of_a_short_run():
    clock, out = Clock(), io.StringIO()
    lines = PlainLines(True, out, clock)
    clock.now = 4.9
    lines.update(state_at(4), progress_at(state_at(4)), None)
    assert out.getvalue() == ""
    clock.now = 5.0
    lines.update(state_at(5), progress_at(state_at(5)), None)
    lines.close()
    assert out.getvalue() == ("ppinfer: 500 images, 100.0 images/s, 2 errors; " + STAGES + "\n")


def test_log(tmp_path, capsys):
    clock = Clock()
    log = RunLog(str(tmp_path / "log"), clock)
    log.start({"config": {"topk": "5"}})
    for tenth in range(121):
        clock.now = tenth / 10
        total = 5000 if clock.now > 6 else None
        log.update(state_at(clock.now, found=1500), progress_at(state_at(clock.now), total), total)
    log.warning("mind this")
    log.end("complete", 1, state_at(12), output="r.csv")
    log.close()
    events = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert [event["event"] for event in events] == ["start", "progress", "progress", "warning", "end"]
    assert all(event["time"].endswith("+00:00") for event in events)
    assert events[0]["config"] == {"topk": "5"}
    assert events[1]["total"] is None
    assert events[1]["left_s"] is None
    assert events[1]["found"] == 1500
    assert (events[2]["images"], events[2]["total"], events[2]["left_s"]) == (1000, 5000, 40.0)
    assert events[3]["message"] == "mind this"
    end = events[4]
    assert (end["ended"], end["exit_code"], end["images"], end["errors"]) == ("complete", 1, 1200, 2)
    assert {stage: share for stage, share in end["stage_shares"].items() if share} == {
        "decode": 0.5,
        "infer": 0.25,
        "idle": 0.25,
    }
    assert end["output"] == "r.csv"
    assert capsys.readouterr() == ("", "")


def test_log_that_cannot_be(tmp_path, capsys):
    with pytest.raises(ppinfer.Error, match="--log-json /nowhere/log: No such file or directory"):
        RunLog("/nowhere/log")
    log = RunLog("/dev/full")
    log.start({})
    log.warning("once more")
    log.close()
    assert capsys.readouterr().err == "ppinfer: --log-json /dev/full: No space left on device: the log ends here\n"


def test_log_behind_a_torn_line(tmp_path):
    (tmp_path / "log").write_text('{"event": "start"}\n{"event": "pro')
    for _ in range(2):
        log = RunLog(str(tmp_path / "log"))
        log.start({})
        log.close()
    lines = (tmp_path / "log").read_text().splitlines()
    assert lines[:2] == ['{"event": "start"}', '{"event": "pro']
    assert [json.loads(line)["event"] for line in lines[2:]] == ["start", "start"]
