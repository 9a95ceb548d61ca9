"""The command that goes on with a stopped run, word by word."""

import shutil

from ppinfer.commands.way_on import resuming, way_on


def test_command_that_goes_on():
    on_path = shutil.which("true")
    assert resuming([on_path, "classify", "--resume", "--", "--force"]) == "true classify --resume -- --force"
    assert resuming(["./true", "classify", "--max-errors", "5"]) == "./true classify --resume --max-errors 5"
    stopped = ["./p", "classify", "--max-errors", "5", "-q", "--max-errors=1%", "--", "--max-errors"]
    assert way_on(stopped, over_limit=True) == (
        "To go on from there, without a limit on errors:\n  ./p classify --resume -q -- --max-errors"
    )
    assert way_on(["./p", "classify", "--list", "-"]).startswith(
        "To go on from there, with the same list on standard input:\n"
    )
