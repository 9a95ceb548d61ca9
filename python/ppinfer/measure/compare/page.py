"""A comparison as one HTML page that needs no other file: the table, and the pictures that differ most."""

from __future__ import annotations

import base64
import io
import os
from typing import TYPE_CHECKING

import numpy as np
from jinja2 import Environment
from PIL import Image

from ppinfer._core import BadImageError, Error
from ppinfer.measure.compare.stages import RESIZED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ppinfer.measure.compare.differences import Comparison
    from ppinfer.measure.compare.sides import Side

MOST_PICTURES = 10

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>ppinfer compare</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #222; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .35rem .7rem; vertical-align: top; }
th { border-bottom: 2px solid #888; } td { border-bottom: 1px solid #ddd; overflow-wrap: anywhere; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
td:first-child { white-space: nowrap; } .differs { background: #fdecea; }
.verdict { font-size: 1.2rem; font-weight: 600; } .agrees { color: #1b6e35; } .not { color: #a32018; }
figure { display: inline-block; margin: 0 1rem 1rem 0; } figcaption { color: #555; }
img { image-rendering: pixelated; width: 224px; border: 1px solid #ccc; }
</style></head><body>
<h1>ppinfer compare</h1>
<p>A: {{ found.a }}<br>B: {{ found.b }}</p>
<p class="verdict {{ 'agrees' if found.agrees else 'not' }}">{{ found.verdict }}</p>
<table><thead><tr><th>stage</th><th class="number">images compared</th><th class="number">differ first here</th>
<th class="number">largest difference</th><th>worst image</th><th>keys that explain it (A | B)</th></tr></thead><tbody>
{% for stage in found.stages -%}
<tr{% if stage.first_differences %} class="differs"{% endif %}><td>{{ stage.stage }}</td>
<td class="number">{{ stage.compared }}</td><td class="number">{{ stage.first_differences }}</td>
<td class="number">{{ stage.note or number(stage.largest) }}</td>
<td>{{ stage.worst or '' }}</td><td>{{ stage.keys | join(', ') }}</td></tr>
{% endfor %}</tbody></table>
{% if found.bad %}<h2>Bad on both sides</h2>
<table><thead><tr><th>image</th><th>stage</th><th>reason</th></tr></thead><tbody>
{% for image in found.bad -%}
<tr><td>{{ image.path }}</td><td>{{ image.stage }}</td><td>{{ image.reason }}</td></tr>
{% endfor %}</tbody></table>{% endif %}
{% for image in images %}
<h2>{{ image.path }}</h2>
<p>first differs: {{ image.stage }}{% if image.largest is not none %}, by up to {{ number(image.largest) }}, {{
number(image.mean) }} on average{% endif %}{% if image.note %}, {{ image.note }}{% endif %}</p>
{% for caption, picture in image.pictures %}<figure><img alt="{{ caption }}" src="data:image/png;base64,{{ picture }}">
<figcaption>{{ caption }}</figcaption></figure>{% endfor %}
{% endfor %}
</body></html>
"""


def write_page(found: Comparison, a: Side, b: Side, path: str | os.PathLike[str]) -> None:
    """Write the page. Pictures show the pixels after resize and crop, which is what the models see.

    Raises:
        Error: It can't be written.
    """
    images = [
        {**vars(difference), "pictures": _pictures(a, b, difference.path)}
        for difference in found.differences[:MOST_PICTURES]
    ]
    template = Environment(autoescape=True).from_string(_PAGE)
    page = template.render(found=found, images=images, number=lambda value: f"{value:.3g}")
    try:
        with open(path, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(page)
    except OSError as error:
        raise Error(f"{os.fspath(path)}: {error.strerror}") from None


def _pictures(a: Side, b: Side, path: str) -> list[tuple[str, str]]:
    try:
        ours, theirs = a.at(RESIZED, path), b.at(RESIZED, path)
    except BadImageError:
        return []
    pictures = [("A, as its model sees it", _png(ours)), ("B, as its model sees it", _png(theirs))]
    if ours.shape == theirs.shape:
        distance = np.abs(ours.astype(np.int16) - theirs)
        times = max(1, 255 // max(1, int(distance.max())))
        caption = f"difference, {times} times amplified" if distance.any() else "no difference"
        pictures.append((caption, _png((distance * times).astype(np.uint8))))
    return pictures


def _png(pixels: NDArray[np.uint8]) -> str:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()
