"""The HTML page: everything in one file, and nothing in it that a browser would fetch or mistake for its own code."""

from __future__ import annotations

import base64
import hashlib
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib.resources import files

from jinja2 import Environment
from markupsafe import Markup

from ppinfer import _core
from ppinfer.report.facts import RunFacts
from ppinfer.report.packing import pack, shown
from ppinfer.report.table_library import table_library
from ppinfer.report.tally import Row, Tally, bin_edges
from ppinfer.report.thumbnails import Thumbnails

SCRIPTS = ("unpack.js", "records.js", "elements.js", "list.js", "gallery.js", "details.js", "main.js")
MOST_CLASSES = 100  # in the histogram; the list's search finds the others


@dataclass(frozen=True)
class Tile:
    """A figure at the top of the page."""

    name: str
    value: str
    note: str = ""
    kind: str = ""
    """ "error" or "low", for its colour."""


def render(
    records_path: str, tally: Tally, rows: Sequence[Row], thumbnails: Thumbnails, facts: RunFacts, notes: Iterable[str]
) -> str:
    """Make the page."""
    folder = files("ppinfer.report") / "page"
    library = script_text(table_library())
    script = script_text("\n".join((folder / name).read_text(encoding="utf-8") for name in SCRIPTS))
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, finalize=_shown)
    counts = tally.classes()
    most = max((count for _, count in counts), default=0)
    return environment.from_string((folder / "report.html.j2").read_text(encoding="utf-8")).render(
        policy=security_policy([library, script]),
        title=records_path.rpartition("/")[2],
        records_path=records_path,
        styles=Markup((folder / "report.css").read_text(encoding="utf-8")),
        tally=tally,
        facts=facts,
        notes=list(notes),
        tiles=list(_tiles(tally, facts)),
        confidence=tally.confidence(),
        bins=_bins(tally),
        classes=[
            {"index": index, "label": _label(tally, index), "count": count, "percent": 100 * count / most}
            for index, count in counts[:MOST_CLASSES]
        ],
        more_classes=len(counts[MOST_CLASSES:]),
        more_class_images=sum(count for _, count in counts[MOST_CLASSES:]),
        rows_note=tally.rows_in_words(len(rows)),
        setup=embedded_json(
            {
                "images": tally.images,
                "errors": tally.errors,
                "hasScores": tally.has_scores,
                "lowConfidence": tally.low_confidence,
                "binEdges": bin_edges(*tally.confidence()[:2]).tolist(),
            }
        ),
        packed=Markup(pack(rows, tally.names)),
        thumbnails=embedded_json(
            {
                "pictures": {row: base64.b64encode(made).decode() for row, made in thumbnails.pictures.items()},
                "problems": {row: shown(problem) for row, problem in thumbnails.problems.items()},
            }
        ),
        library=library,
        script=script,
        made=f"Made by ppinfer {_core.__version__} on {datetime.now(timezone.utc):%d %B %Y, %H:%M} UTC",
        count=_counted,
        percent=lambda share: f"{100 * share:.1f} %",
        number=lambda value: f"{value:g}",
        words=lambda name: str(name).replace("_", " "),
    )


def security_policy(scripts: Iterable[str]) -> str:
    """Allow only these scripts, and styles and pictures within the page.

    >>> security_policy([]).partition("; style-src")[0]
    "default-src 'none'; script-src 'none'"
    """
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    allowed = " ".join(f"'sha256-{digest}'" for digest in hashes) or "'none'"
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )


def script_text(code: str) -> Markup:
    r"""Make JavaScript fit to stand in a script element: what would end or hide it is written otherwise.

    >>> print(script_text("'</script><!--'"))
    '\x3c/script>\x3c!--'
    """
    for start in ("</script", "<script", "<!--"):
        place = code.lower().find(start)
        while place >= 0:  # within strings, templates and regular expressions only, where \x3c is <
            code = code[:place] + "\\x3c" + code[place + 1 :]
            place = code.lower().find(start)
    return Markup(code)


def embedded_json(value: object) -> Markup:
    r"""Give JSON that can stand in a script element.

    >>> print(embedded_json(["</script>"]))
    ["\u003c/script>"]
    """
    return Markup(json.dumps(value, separators=(",", ":")).replace("<", "\\u003c"))


def _tiles(tally: Tally, facts: RunFacts) -> Iterable[Tile]:
    yield Tile("images", f"{tally.images:,}", f"{_counted(facts.skipped, 'file')} skipped" if facts.skipped else "")
    yield Tile("errors", f"{tally.errors:,}", _share(tally.errors, tally.images), "error" if tally.errors else "")
    if tally.has_scores:
        below = f"best score below {tally.low_confidence:g}"
        yield Tile("low confidence", f"{tally.low:,}", below, "low" if tally.low else "")
        yield Tile("median confidence", f"{tally.median_confidence():.3f}")
    if classes := len(tally.classes()):
        yield Tile("classes seen" if tally.has_scores else "attributes seen", f"{classes:,}")
    if tally.unanswered and tally.names:
        yield Tile("without a class", f"{tally.unanswered:,}", _share(tally.unanswered, tally.images))
    if facts.images_per_s is not None:
        lanes = f"{facts.lanes} lane{'' if facts.lanes == 1 else 's'}" if facts.lanes else ""
        yield Tile("images a second", f"{facts.images_per_s:,.1f}", lanes)
    if facts.wall_s is not None:
        before = f"{facts.done_before:,} images were done before" if facts.done_before else ""
        yield Tile("time taken", _duration(facts.wall_s), before)


def _bins(tally: Tally) -> list[dict[str, object]]:
    low, high, counts = tally.confidence()
    edges = bin_edges(low, high)
    most = max(counts) or 1
    return [
        {
            "range": f"{edges[place]:.2f} to {edges[place + 1]:.2f}",
            "count": count,
            "percent": 100 * count / most,
            "low_confidence": edges[place + 1] <= tally.low_confidence,
        }
        for place, count in enumerate(counts)
    ]


def _label(tally: Tally, index: int) -> str:
    name = tally.names[index]
    return name.label or f"class {name.class_id}"


def _shown(value: object) -> object:
    return shown(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _counted(count: int, noun: str, plural: str = "") -> str:
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f} %" if part and whole else ""


def _duration(seconds: float) -> str:
    """Give a time as people say it.

    >>> _duration(0.184), _duration(75), _duration(7384)
    ('0.18 s', '1 min 15 s', '2 h 3 min')
    """
    if seconds < 60:
        return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.1f} s"
    whole = math.floor(seconds)
    if seconds < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
