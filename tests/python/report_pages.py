"""Pages of reports for the tests that look at them."""

from pathlib import Path

from conftest import png
from ppinfer.report import write_report
from report_records import bad, good, many, write_jsonl

HOSTILE = [
    "<img src=x onerror=window.hacked=1>.png",
    "</script><script>window.hacked=1</script>.png",
    "'\" onmouseover=window.hacked=1 x=.png",
    "{{ 7 * 7 }} ]]> --> <!-- <script> &lt;b&gt;.png",
]


def small_page(folder: Path) -> Path:
    """Thirty images and four bad ones; some with hostile names."""
    labels = ["tabby", "lynx", "</script><script>window.hacked=1</script>", "beaker", "<b>bold</b>"]
    records = []
    for number in range(30):
        path = folder / f"photo_{number:02}.png"
        path.write_bytes(png(number % 8))
        answers = (number % 5, round(0.3 + number / 50, 2)), ((number + 1) % 5, 0.1)
        records.append(good(str(path), *answers, labels=labels))
    for name in HOSTILE:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(1))
        records.append(good(str(path), (2, 0.9), labels=labels))
    (folder / "caf\udce9.png").write_bytes(png(1))
    records.append(good(str(folder / "caf\udce9.png"), (1, 0.8), labels=labels))
    records += [bad(f"cut_{number}.jpg", message=f"{HOSTILE[0]} {number}") for number in range(3)]
    records.insert(5, bad("gone.jpg", "read", "no such file"))
    page = folder / "page.html"
    facts = {
        "images": 39, "wall_ms": 1300, "lanes": 2, "stage_ms": {"decode": 600, "infer": 1500}, "model": HOSTILE[1],
        "config": {"topk": HOSTILE[0]},
    }  # fmt: skip
    write_report(write_jsonl(folder / "records.jsonl", records), page, facts=facts)
    return page


def large_page(folder: Path) -> Path:
    """20,000 records, none of whose images are there."""
    write_report(write_jsonl(folder / "records.jsonl", many(20_000)), folder / "page.html")
    return folder / "page.html"
