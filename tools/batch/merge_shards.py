#!/usr/bin/env python3
"""Put the records of the parts of a job that was split over machines into one file.

    # on each of 4 machines, which see the same folder; I is 1 to 4
    ppinfer classify -m MODEL --shard I/4 --output records.I.parquet FOLDER
    # then, on one of them
    tools/batch/merge_shards.py records.parquet records.{1..4}.parquet

Name all parts, as {1..4} does: a pattern such as * would pass over one that isn't there.

Takes .jsonl or .parquet, and writes the same, in the order of the images' paths. A part whose run isn't done, and an
image that is in two parts, is an error with exit code 2, and nothing is written.
"""

import json
import os
import sys
from itertools import pairwise

import pyarrow as pa
import pyarrow.parquet as pq

if len(sys.argv) < 3:
    print(__doc__, file=sys.stderr)
    sys.exit(2)
output, *parts = sys.argv[1:]
others = [path for path in (output, *parts) if not path.endswith((".jsonl", ".parquet"))]
if others:
    print(f"{', '.join(others)}: expected names that end in .jsonl or .parquet", file=sys.stderr)
    sys.exit(2)
unfinished = [part for part in parts if not os.path.exists(part) or os.path.exists(f"{part}.part")]
if unfinished:
    print(f"{', '.join(unfinished)}: the run isn't done, or is elsewhere: --resume goes on", file=sys.stderr)
    sys.exit(2)
new = f"{output}.new"
if output.endswith(".parquet"):
    table = pa.concat_tables([pq.read_table(part) for part in parts]).sort_by("path")
    paths = [*zip(table["path"].to_pylist(), table["path_bytes"].to_pylist(), strict=True)]
else:
    lines = sorted((json.loads(line)["path"], line) for part in parts for line in open(part, "rb"))  # noqa: SIM115
    paths = [path for path, _ in lines]
doubles = [str(one) for one, next_one in pairwise(paths) if one == next_one]
if doubles:
    print(f"in two parts, {doubles[0]} and {len(doubles) - 1} more: which --shard had each?", file=sys.stderr)
    sys.exit(2)
if output.endswith(".parquet"):
    pq.write_table(table, new, compression="zstd")
else:
    with open(new, "wb") as file:
        file.writelines(line for _, line in lines)
os.replace(new, output)
