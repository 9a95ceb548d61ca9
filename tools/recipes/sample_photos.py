"""Twenty labelled photos of ImageNet: imagenet_NN_LABEL.jpg."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path, PurePosixPath

from recipes import MODELS
from recipes.made_folder import make_folder
from recipes.pinned_wheels import FOOLBOX

DEFAULT_FOLDER = MODELS / "sample_photos"
PHOTO_COUNT = 20
_RECIPE = {"name": "sample_photos", "foolbox": FOOLBOX.sha256}


def photos() -> dict[str, bytes]:
    """Files by name, in the order of their names."""
    with zipfile.ZipFile(FOOLBOX.fetch()) as archive:
        members = {PurePosixPath(name).name: name for name in archive.namelist() if name.startswith("foolbox/data/")}
        return {
            file: archive.read(member)
            for file, member in sorted(members.items())
            if re.fullmatch(r"imagenet_\d\d_\d+\.jpg", file)
        }


def class_id_of(file_name: str) -> int:
    """The true class, which the name says."""
    return int(Path(file_name).stem.split("_")[2])


def fetch(out: Path, *, force: bool = False) -> bool:
    """Put the photos into a folder; False if they are there."""

    def fill(folder: Path) -> None:
        for name, data in photos().items():
            (folder / name).write_bytes(data)

    return make_folder(out, _RECIPE, fill, force=force)
