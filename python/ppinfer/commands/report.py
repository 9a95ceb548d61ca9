"""`ppinfer report`: a page of a run's records."""

from __future__ import annotations

from typing import Annotated

import typer

from ppinfer.commands.failures import SOME_IMAGES_FAILED, exit_codes, say, tell
from ppinfer.commands.options import output_and_overrides
from ppinfer.commands.written_file import check_written_files


def report(
    records: Annotated[
        str, typer.Argument(metavar="RECORDS", help="JSON Lines, CSV or Parquet, or a folder of such files.")
    ],
    output: Annotated[
        str | None, typer.Option("--output", metavar="FILE", show_default="report.html", help="Write the page to FILE.")
    ] = None,
    low_confidence: Annotated[
        float, typer.Option(metavar="SCORE", help="Count top-1 scores below SCORE as low.")
    ] = 0.5,
    thumbnails: Annotated[int, typer.Option(min=0, metavar="N", help="Maximum number of thumbnails.")] = 400,
    rows: Annotated[
        int,
        typer.Option(
            min=1,
            metavar="N",
            help="Maximum rows of the list; a longer list is sampled. Totals count all records.",
        ),
    ] = 200_000,
    facts: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="JSON file of facts about the run: images, wall_ms, stage_ms, lanes and more."
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Print no summary.")] = False,
    old_output: Annotated[list[str] | None, typer.Option("-o", hidden=True)] = None,
) -> None:
    """Write a run's records as one HTML page.

    It has totals, histograms, and a list to search and sort, with thumbnails; it needs no other file and no network.
    Thumbnails are made of the images where the records say that they are, seen from the current folder; images that
    are gone are shown without.

    ppinfer report records.jsonl --output report.html
    """
    output, keys = output_and_overrides(output, old_output, default="report.html")
    if keys:
        raise typer.BadParameter(f"{keys[0]}: a report has no config keys", param_hint="-o")
    with exit_codes():
        from ppinfer.report import write_report
        from ppinfer.report.facts import read_facts

        check_written_files({"--output": output}, replaced=("--output",))
        made = write_report(
            records,
            output,
            facts=None if facts is None else read_facts(facts),
            low_confidence=low_confidence,
            most_thumbnails=thumbnails,
            most_rows=rows,
        )
    if not quiet:
        for file in made.left_out:
            say(f"left out: {file}")
        tell(f"{output}: {made}")
    for problem in made.problems_named:
        say(problem)
    if made.problems > len(made.problems_named):
        say(f"{made.problems - len(made.problems_named):,} more lines or rows aren't records")
    if made.problems:
        raise typer.Exit(SOME_IMAGES_FAILED)
