"""The command that resumes a stopped run, word by word."""

from ppinfer import RunSummary, _core


def command_in(lines):
    assert lines[-1].startswith("  ")
    return lines[-1].strip()


def test_command_that_resumes():
    assert (
        command_in(_core.resume_lines(["p", "classify", "--resume", "--", "--force"]))
        == "p classify --resume -- --force"
    )
    assert command_in(_core.resume_lines(["p", "--max-errors", "5", "a b"])) == "p --max-errors 5 'a b' --resume"
    stopped = RunSummary(images=9, errors=6, skipped=0, wall_s=1, ended="max_errors")
    assert _core.stop_lines(stopped, ["p"]) == [
        "stopped early: too many errors (6 of 9 images); the finished images have their records"
    ]
    told, _ = _core.resume_lines(["p", "classify", "--list", "-"])
    assert told == "To resume, with the same list on standard input:"


def test_words_that_a_shell_would_change():
    names = [b"caf\xe9's.jpg", "it's", "", "é.jpg"]
    assert command_in(_core.resume_lines(["p", *names])) == (
        r"""p $'caf\351\047s.jpg' 'it'"'"'s' '' 'é.jpg' --resume"""
    )
