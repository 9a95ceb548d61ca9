"""The photos of a contest: the same for all, whatever endings and orders of names each of them knows."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import ppinfer
from ppinfer.model.ground_truth import LABELS, read_labels

ENDINGS = (".jpg", ".jpeg", ".png", ".bmp")


def lay_out(folder: Path, into: Path) -> list[Path]:
    """Put links to a folder's photos into another, named so that everybody takes them, and in this order.

    Photos that can't be decoded are left out: PaddleClas skips them, and others stop.

    Returns:
        The photos themselves.
    """
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in ENDINGS)
    photos = [path.resolve() for path in found if _can_be_decoded(path)]
    for number, path in enumerate(photos):
        (into / f"{number:06}{path.suffix.lower()}").symlink_to(path)
    return photos


def true_classes(folder: Path) -> dict[str, int]:
    """Class ids by file name, of a labels.txt of `file class-id` lines; empty when there is none.

    Raises:
        ppinfer.Error: A line is another.
    """
    if not (folder / LABELS).is_file():
        return {}
    return {Path(path).name: class_id for path, class_id in read_labels(folder / LABELS, folder).items()}


def share_right(best_classes: Iterable[int], photos: Iterable[Path], truth: dict[str, int]) -> float | None:
    """Share of the photos with a known class whose best class it is; None when none is known."""
    pairs = zip(best_classes, photos, strict=True)
    known = [best == truth[path.name] for best, path in pairs if path.name in truth]
    return sum(known) / len(known) if known else None


def _can_be_decoded(path: Path) -> bool:
    try:
        ppinfer.decode(path)
    except ppinfer.BadImageError:
        return False
    return True
