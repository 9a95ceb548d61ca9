"""The command that resumes a stopped run, word by word."""

import pytest

from ppinfer import InputSelection, RunSummary, _core

FLAGS = ("--max-errors", "--output", "-o", "--list")


def command_in(lines):
    assert lines[-1].startswith("  ")
    return lines[-1].strip()


def test_command_that_resumes():
    assert (
        command_in(_core.resume_lines(["p", "classify", "--resume", "--", "--force"], FLAGS))
        == "p classify --resume -- --force"
    )
    assert command_in(_core.resume_lines(["p", "--max-errors", "5", "a b"], FLAGS)) == "p --max-errors 5 'a b' --resume"
    stopped = RunSummary(images=9, errors=6, skipped=0, wall_s=1, ended="max_errors")
    assert InputSelection().end_lines(stopped, ["p"], FLAGS, False) == [
        "stopped early: too many errors (6 of 9 images); the finished images have their records"
    ]
    told, _ = _core.resume_lines(["p", "classify", "--list", "-"], FLAGS, True)
    assert told == "To resume, with the same list on standard input:"


def test_words_that_a_shell_would_change():
    names = [b"caf\xe9's.jpg", "it's", "", "é.jpg"]
    assert command_in(_core.resume_lines(["p", *names], FLAGS)) == (
        r"""p $'caf\351\047s.jpg' 'it'"'"'s' '' 'é.jpg' --resume"""
    )


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--output", "--force", "--force"], "--output --force"),
        (["-o", "--resume", "photos"], "-o --resume photos"),
        (["--list", "--max-errors", "--max-errors", "--force"], "--list --max-errors"),
        (["--max-errors=5", "--quiet", "--force"], "--quiet"),
        (["--force", "--output"], "--output"),
    ],
)
def test_a_value_that_reads_like_a_flag_stays(words, expected):
    stopped = RunSummary(images=9, errors=6, skipped=0, wall_s=1, ended="max_errors", can_resume=True)
    lines = InputSelection().end_lines(stopped, ["p", *words], FLAGS, False)
    assert command_in(lines) == f"p {expected} --resume"
