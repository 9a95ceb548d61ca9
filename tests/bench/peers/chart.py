"""Draws what a contest found as two SVG pictures, for light and for dark pages.

    python tests/bench/peers/chart.py [RUN.json] [--output docs/_static]

RUN.json: as `python tests/bench/peers --json FOLDER` prints it; by default published.json, the run in the documents.
"""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

HERE = Path(__file__).resolve().parent
OTHERS = ("PaddleClas", "ONNX Runtime", "OpenVINO")
THEMES: Mapping[str, Mapping[str, Any]] = {
    "light": {"text": "#1f2328", "faint": "#d1d9e0", "bars": ("#0b6bcb", "#7cb4ea", "#c3ddf6")},
    "dark": {"text": "#e6edf3", "faint": "#3d444d", "bars": ("#58a6ff", "#2f6fb5", "#23466f")},
}
BAR_HEIGHT = 0.25  # of the distance between two models


def ratios(run: Mapping[str, Any]) -> dict[str, list[float]]:
    """How many times as fast as each of the others ppinfer is in fp32, by the model."""
    found = {}
    for match in run["matches"]:
        by_other = {ratio["to"][0]: ratio["median"] for ratio in match["ratios"] if ratio["of"][1] == "fp32"}
        if missing := [other for other in OTHERS if other not in by_other]:
            raise SystemExit(f"{match['model']}: the run has no figures of {', '.join(missing)}")
        found[match["model"]] = [by_other[other] for other in OTHERS]
    return found


def draw(found: Mapping[str, list[float]], theme: Mapping[str, Any], path: Path) -> None:
    figure = Figure(figsize=(6.6, 4.6), layout="constrained")
    axes = figure.subplots()
    for index, other in enumerate(OTHERS):
        rows = [row + (index - 1) * BAR_HEIGHT for row in range(len(found))]
        values = [by_other[index] for by_other in found.values()]
        bars = axes.barh(rows, values, BAR_HEIGHT * 0.88, color=theme["bars"][index], label=f"vs {other}")
        axes.bar_label(bars, fmt="%.2f×", padding=3, fontsize=9, color=theme["text"])
    axes.set_yticks(range(len(found)), list(found))
    axes.invert_yaxis()
    axes.axvline(1, color=theme["text"], linewidth=1, linestyle=(0, (4, 3)))
    largest = max(max(by_other) for by_other in found.values())
    axes.set_xlim(0, largest * 1.12)
    ticks = range(int(largest) + 1)
    axes.set_xticks(ticks, ["0", "1× (equal)", *(f"{tick}×" for tick in ticks[2:])][: len(ticks)])
    axes.tick_params(colors=theme["text"], length=0)
    axes.grid(axis="x", color=theme["faint"], linewidth=0.6)
    axes.set_axisbelow(True)
    for side in axes.spines.values():
        side.set_visible(False)
    title = "Throughput of ppinfer ÷ throughput of others, fp32 (higher is better)"
    legend = figure.legend(title=title, loc="outside upper left", alignment="left", ncols=3, frameon=False,
                           labelcolor=theme["text"], fontsize=9, title_fontsize=11)  # fmt: skip
    legend.get_title().set_color(theme["text"])
    figure.savefig(path, transparent=True, metadata={"Date": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", nargs="?", type=Path, default=HERE / "published.json", metavar="RUN.json")
    parser.add_argument("--output", type=Path, default=HERE.parents[2] / "docs/_static", metavar="FOLDER")
    arguments = parser.parse_args()
    found = ratios(json.loads(arguments.run.read_text(encoding="utf-8")))
    mpl.rcParams["svg.hashsalt"] = "speed"  # the same run gives the same bytes
    for name, theme in THEMES.items():
        draw(found, theme, arguments.output / f"speed-{name}.svg")


if __name__ == "__main__":
    main()
