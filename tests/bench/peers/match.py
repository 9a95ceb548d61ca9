"""One network's contest on a folder of photos: the reference's answers, everybody's turns, and who was right."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from peers.contest import Entry, Running, hold, scores_of
from peers.environment import SetupError
from peers.machine import allowed_cpus
from peers.photos import lay_out, share_right
from peers.table import Match
from peers.zoo import Network

REFERENCE = Entry("reference", "reference", "fp32")


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def add_options(parser: argparse.ArgumentParser) -> None:
    """What play() wants to know of the command line."""
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="of photos; 200 are a good number")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each")
    parser.add_argument("--seconds", type=float, default=3.0, help="of a turn, at least one pass over the photos")
    parser.add_argument("--quiet", type=float, default=1.0, metavar="SHARE",
                        help="a round in which other processes took more of the CPUs is taken again")  # fmt: skip


def checked(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """The command line, of which what play() wants is right."""
    arguments = parser.parse_args()
    if not arguments.folder.is_dir():
        parser.error(f"{arguments.folder}: is no folder")
    if arguments.rounds < 1:
        parser.error(f"--rounds {arguments.rounds}: expected 1 or more")
    return arguments


def play(
    network: Network,
    entries: Sequence[Entry],
    model_of: Callable[[Entry], Path],
    python: Path,
    arguments: argparse.Namespace,
    truth: Mapping[str, int],
) -> Match:
    """Hold it.

    Args:
        network: Of whose kind the models are.
        entries: Who takes part.
        model_of: An entry's model folder; that of REFERENCE, too.
        python: Of the contest's environment.
        arguments: As add_options says.
        truth: The photos' classes, as far as they are known.

    Raises:
        SetupError: There are no photos.
        ContestantError: The reference failed.
    """
    cpus = allowed_cpus()
    with tempfile.TemporaryDirectory() as links:
        photos = lay_out(arguments.folder, Path(links))
        if not photos:
            raise SetupError(f"{arguments.folder}: no photos that can be decoded")

        def start(entry: Entry) -> Running:
            task = {"folder": links, "model": str(model_of(entry)), "precision": entry.precision, "threads": cpus}
            return Running([python, "-m", f"peers.contestants.{entry.module}", json.dumps(task)])

        say(f"{network.title}: the reference's answers")
        judge = start(REFERENCE)
        try:
            judge.answer()
            reference = scores_of(judge)
        finally:
            judge.stop()
        outcomes = hold(
            entries,
            start,
            reference,
            rounds=arguments.rounds,
            seconds=arguments.seconds,
            most_others=arguments.quiet,
            say=lambda text: say(f"{network.title}: {text}"),
        )
    known = truth if network.is_trained else {}
    right = {o.entry.name: share_right(o.best_classes, photos, known) for o in outcomes if o.best_classes}
    return Match(network.title, outcomes, {name: share for name, share in right.items() if share is not None})
