#!/usr/bin/env python3
"""Put the records of the parts of a job that was split over machines into one new file.

    # on each of 4 machines, which see the same folder; I is 1 to 4
    tools/batch/classify_shard MODEL FOLDER records.parquet I/4
    # then, on one of them
    tools/batch/merge_shards.py records.parquet records.*-of-4.parquet

Takes .jsonl or .parquet, and writes the same, in the order of the images' paths. All parts must be there, each once.
Which one a part is, and of how many, Parquet says itself, as what model and config made it, which must be the same for
all. JSON Lines say nothing of their run: there the name must end in .I-of-N.jsonl, as classify_shard makes it.

Exit code 2, and nothing is written: a part is missing, or its run isn't done, or it is of another job; an image is in
two parts; the new file is there already.
"""

import json
import os
import re
import sys
from itertools import pairwise

import pyarrow as pa
import pyarrow.parquet as pq

ENDINGS = (".jsonl", ".parquet")
GROWING = (".part", ".ray.part")  # beside a part whose run isn't done
SHARD = b"ppinfer.shard"
IDENTITY = b"ppinfer.identity_sha256"
MODEL = b"ppinfer.model_sha256"


class Refused(Exception):
    """Why there can't be a merged file."""


def main(arguments: list[str]) -> None:
    output, *parts = arguments
    check_names(output, parts)
    metadata = [pq.read_schema(part).metadata or {} if part.endswith(".parquet") else {} for part in parts]
    check_complete([shard_of(part, found) for part, found in zip(parts, metadata, strict=True)], parts)
    check_same_run(metadata, parts)
    new = f"{output}.new"
    try:
        if output.endswith(".parquet"):
            merge_parquet(new, parts, metadata[0])
        else:
            merge_jsonl(new, parts)
        os.replace(new, output)
    finally:
        if os.path.exists(new):
            os.unlink(new)


def check_names(output: str, parts: list[str]) -> None:
    ending = os.path.splitext(output)[1]
    others = [path for path in (output, *parts) if ending not in ENDINGS or not path.endswith(ending)]
    if others:
        raise Refused(f"{', '.join(others)}: expected names that all end in .jsonl, or all in .parquet")
    if os.path.lexists(output):
        raise Refused(f"{output}: exists already, expected the name of a new file first; remove the file to replace it")
    unfinished = [
        part for part in parts if not os.path.exists(part) or any(os.path.exists(part + ending) for ending in GROWING)
    ]
    if unfinished:
        raise Refused(f"{', '.join(unfinished)}: the run isn't complete, or wrote elsewhere: the same call resumes it")


def shard_of(part: str, metadata: dict[bytes, bytes]) -> tuple[int, int]:
    shard = re.search(r"\.(\d+)-of-(\d+)\.jsonl$", part)
    expected = "the name doesn't say which shard it is: expected NAME.I-of-N.jsonl"
    if part.endswith(".parquet"):
        shard = re.fullmatch(r"(\d+)/(\d+)", metadata.get(SHARD, b"").decode())
        expected = "doesn't say which shard it is: expected a file from `ppinfer classify --shard I/N`"
    if shard is None:
        raise Refused(f"{part}: {expected}")
    return int(shard[1]), int(shard[2])


def check_complete(shards: list[tuple[int, int]], parts: list[str]) -> None:
    count = shards[0][1]
    seen: dict[int, str] = {}
    for (index, of), part in zip(shards, parts, strict=True):
        if of != count:
            raise Refused(f"{part}: is shard {index} of {of}, but {parts[0]} is one of {count}")
        if index in seen:
            raise Refused(f"{part}: is shard {index} of {of}, and so is {seen[index]}")
        seen[index] = part
    missing = [str(index) for index in range(1, count + 1) if index not in seen]
    if missing:
        raise Refused(f"found {count - len(missing)} of {count} shards, expected all: missing {', '.join(missing)}")


def check_same_run(metadata: list[dict[bytes, bytes]], parts: list[str]) -> None:
    for found, part in zip(metadata, parts, strict=True):
        if found.get(IDENTITY) != metadata[0].get(IDENTITY):
            what = "model" if found.get(MODEL) != metadata[0].get(MODEL) else "config, or another ppinfer,"
            raise Refused(f"{part}: was made by another {what} than {parts[0]}: expected parts of one job")


def merge_parquet(new: str, parts: list[str], metadata: dict[bytes, bytes]) -> None:
    whole = {**metadata, SHARD: b"1/1"}
    table = pa.concat_tables([pq.read_table(part).replace_schema_metadata(whole) for part in parts]).sort_by("path")
    check_once([*zip(table["path"].to_pylist(), table["path_bytes"].to_pylist(), strict=True)])
    pq.write_table(table, new, compression="zstd")


def merge_jsonl(new: str, parts: list[str]) -> None:
    lines: list[tuple[str, bytes]] = []
    for part in parts:
        with open(part, "rb") as file:
            for number, line in enumerate(file, 1):
                try:
                    lines.append((str(json.loads(line)["path"]), line))
                except (ValueError, KeyError, TypeError) as error:
                    raise Refused(f"{part}:{number}: not a record of `ppinfer classify`: {error}") from None
    lines.sort()
    check_once([path for path, _ in lines])
    with open(new, "wb") as file:
        file.writelines(line for _, line in lines)


def check_once(paths: list[object]) -> None:
    doubles = [str(one) for one, next_one in pairwise(paths) if one == next_one]
    if doubles:
        raise Refused(f"in two parts, {doubles[0]} and {len(doubles) - 1} more: which --shard had each?")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(print(__doc__, file=sys.stderr) or 2)
    try:
        main(sys.argv[1:])
    except (Refused, OSError, pa.ArrowException) as error:
        print(f"merge_shards.py: {error}", file=sys.stderr)
        sys.exit(2)
