"""Records for the tests of reports, as `ppinfer classify` writes them."""

import json
from pathlib import Path

from ppinfer.report.records import Problems, read_file
from ppinfer.report.tally import Tally

LABELS = ["tabby", "lynx", "Egyptian cat", "beaker", "folding chair"]


def good(path: str, *answers: tuple[int, float], labels: list[str] = LABELS) -> dict:
    """A record of an image with these class ids and scores."""
    names = [labels[class_id] for class_id, _ in answers] if labels else []
    ids, scores = [class_id for class_id, _ in answers], [score for _, score in answers]
    return {"path": path, "status": "ok", "class_ids": ids, "scores": scores, "label_names": names}


def bad(path: str, stage: str = "decode", message: str = "it is no image") -> dict:
    """A record of an image that failed."""
    return {"path": path, "status": "error", "error": {"stage": stage, "message": message}}


def many(count: int, bad_every: int = 100) -> list[dict]:
    """Records whose best scores go evenly through 0.2 to 1, and some bad ones."""
    made = []
    for number in range(count):
        path = f"photos/{number // 1000:03}/image_{number:06}.jpg"
        if number % bad_every == bad_every - 1:
            made.append(bad(path))
        else:
            score = round(0.2 + 0.8 * (number % 997) / 997, 4)
            made.append(good(path, (number % 5, score), ((number + 1) % 5, round(score / 5, 4))))
    return made


def write_jsonl(path: Path, records: list[dict]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


SOME = [
    good("a.jpg", (0, 0.75), (1, 0.2)),
    bad("b.jpg", "read", "no such file"),
    good("odd \udce9.jpg", (1, 0.375)),
    good("none.jpg"),
]


def tally_of(records, *, low_confidence=0.5, most_rows=1000):
    tally = Tally(low_confidence=low_confidence, most_rows=most_rows)
    tally.add_all(records)
    return tally


def as_records(records, tmp_path):
    return list(read_file(write_jsonl(tmp_path / "made.jsonl", records), Problems()))
