"""JPEGs of 8 million pixels and more: photos and paintings from Debian's wallpaper packages, which stay uninstalled."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from PIL import Image

from recipes import MODELS
from recipes.failure import RecipeError
from recipes.made_folder import make_folder

DEFAULT_FOLDER = MODELS / "large_photos"
PACKAGES = ("lomiri-wallpapers-20.04", "mate-backgrounds", "plasma-workspace-wallpapers", "ukui-wallpapers")
LEAST_PIXELS = 8_000_000
LEAST_COUNT = 10
_RECIPE = {"name": "large_photos", "packages": " ".join(PACKAGES), "least_pixels": str(LEAST_PIXELS)}


def fetch(out: Path, *, force: bool = False) -> bool:
    """Put the photos into a folder; False if they are there."""
    return make_folder(out, _RECIPE, _fill, force=force)


def _fill(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        _run(["apt-get", "download", *PACKAGES], work)
        for package in sorted(work.glob("*.deb")):
            unpacked = work / package.name.partition("_")[0]
            _run(["dpkg-deb", "-x", str(package), str(unpacked)], work)
            for photo in _large_jpegs(unpacked):
                place = photo.relative_to(unpacked / "usr/share").with_suffix("")
                shutil.copyfile(photo, folder / ("_".join(place.parts) + ".jpg"))
    count = sum(1 for _ in folder.iterdir())
    if count < LEAST_COUNT:
        raise RecipeError(f"only {count} large photos are in {', '.join(PACKAGES)}: expected {LEAST_COUNT} at least")


def _large_jpegs(folder: Path) -> list[Path]:
    found = []
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in (".jpg", ".jpeg") and path.is_file() and not path.is_symlink():
            with Image.open(path) as image:
                if image.format == "JPEG" and image.width * image.height >= LEAST_PIXELS:
                    found.append(path)
    return found


def _run(command: list[str], folder: Path) -> None:
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    except FileNotFoundError:
        raise RecipeError(f"{command[0]} is missing: the photos come from Debian packages") from None
    except subprocess.CalledProcessError as error:
        raise RecipeError(f"{' '.join(command)}: {error.stderr.strip()}") from None
