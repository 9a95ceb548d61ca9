"""What shows while a run goes on: words, plain lines, the log, the count."""

import io
import json
import threading
import time

import pytest

import ppinfer
from ppinfer.commands.run_log import RunLog
from ppinfer.commands.run_state import Rate, clock, progress_words, stage_words
from ppinfer.commands.run_watch import InputCount, PlainLines


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


def test_words():
    rate = Rate()
    assert progress_words(NOTHING, rate, None) == "0 images, 0.0 images/s, 0 errors"
    for second in range(1, 200):
        rate.add(state_at(second))
    assert progress_words(state_at(199), rate, None) == "19,900 images, 100.0 images/s, 2 errors"
    words = progress_words(state_at(199, done_before=100), rate, 40_000)
    assert words == "20,000 of 40,000 images, 100.0 images/s, 2 errors, 3:20 left"
    assert progress_words(state_at(199), rate, 10) == "19,900 of 10 images, 100.0 images/s, 2 errors, 0:00 left"
    assert stage_words(state_at(4)) == STAGES
    assert stage_words(NOTHING) == ""
    assert clock(59.6) == "1:00"


def test_rate_is_of_late():
    def of(images, second):
        return ppinfer.RunSummary(images=images, errors=0, skipped=0, wall_s=second)

    rate = Rate()
    for second in range(1, 101):
        rate.add(of(1000 * min(second, 50) + 10 * max(0, second - 50), second))
    assert rate.images_per_s == pytest.approx(10)


def test_plain_lines_get_rarer():
    clock, out = Clock(), io.StringIO()
    lines = PlainLines(False, out, clock)
    times = []
    for tenth in range(36_000):  # an hour
        clock.now = tenth / 10
        before = out.tell()
        lines.update(state_at(int(clock.now)), 1_000_000)
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
    lines.update(state_at(4), None)
    assert out.getvalue() == ""
    clock.now = 5.0
    lines.update(state_at(5), None)
    lines.close()
    assert out.getvalue() == ("ppinfer: 500 images, 100.0 images/s, 2 errors; " + STAGES + "\n")


def test_log(tmp_path, capsys):
    clock = Clock()
    log = RunLog(str(tmp_path / "log"), clock)
    log.start({"config": {"topk": "5"}})
    for tenth in range(121):
        clock.now = tenth / 10
        log.update(state_at(clock.now), 5000 if clock.now > 6 else None)
    log.warning("mind this")
    log.end("complete", 1, state_at(12), output="r.csv")
    log.close()
    events = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert [event["event"] for event in events] == ["start", "progress", "progress", "warning", "end"]
    assert all(event["time"].endswith("+00:00") for event in events)
    assert events[0]["config"] == {"topk": "5"}
    assert events[1]["total"] is None
    assert events[1]["left_s"] is None
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


def test_counting_ends_with_the_run():
    went = threading.Event()

    def endless():
        while True:
            went.set()
            time.sleep(0.001)
            yield "a.jpg"

    count = InputCount(endless)
    assert went.wait(10)
    count.close()
    assert count.total is None
    known = InputCount(lambda: iter(["a.jpg"] * 5))
    known.wait(10)
    assert known.total == 5
    nobody_knows = InputCount(None)
    nobody_knows.close()
    assert nobody_knows.total is None
    broken = InputCount(lambda: 1 / 0)
    broken.wait(10)
    assert broken.total is None
