"""Prints the SHA-256 of the pixels of each image in a folder, or the reason why it has none: to compare two machines.

python tools/pixel_hashes.py FOLDER
"""

import hashlib
import sys
from pathlib import Path

import ppinfer

folder = Path(sys.argv[1])
for path in sorted(folder.rglob("*")):
    try:
        pixels = ppinfer.decode(str(path))
    except ppinfer.Error as error:
        print(path.relative_to(folder), str(error).replace(str(folder), ""))
    else:
        print(path.relative_to(folder), pixels.shape, hashlib.sha256(pixels.tobytes()).hexdigest())
