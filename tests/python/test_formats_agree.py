"""One folder, bad images and odd names among its files, in every format: all of them say the same."""

import csv
import io
import json
import math
import os
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from conftest import CLASSES, png, write_config
from ppinfer import Predictor

FORMATS = ("jsonl", "csv", "parquet", "text", "npy")
OPS = {"topk": {"topk": 3}, "multilabel": {"threshold": 0.2}, "score": {}, "embedding": {}}


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Twenty images with names that are hard to write down, four of which are bad."""
    folder = tmp_path_factory.mktemp("odd")
    names = [b"a,b.png", b'q"uote.png', b"new\nline.png", b"caf\xe9.png", "größe.png".encode(), b"tab\t;semi\\.png"]
    names += [b"%02d.png" % index for index in range(14)]
    for index, name in enumerate(names):
        content = b"" if index == 10 else b"nonsense" if index % 6 == 3 else png(index % CLASSES)
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(content)
    return folder


def without_labels(config, op):
    """Vectors have none."""
    if op in ("embedding", "score"):
        config.write_text(config.read_text().replace("label_path labels.txt\n", ""))
    return config


def of_jsonl(content):
    records = [json.loads(line) for line in content.decode().splitlines()]
    for record in records:
        record["path"] = os.fsencode(record["path"])
    return records


def of_csv(content):
    rows = csv.DictReader(io.StringIO(content.decode(errors="surrogateescape"), newline=""))
    return [of_csv_row(row) for row in rows]


def of_csv_row(row):
    record = {"path": os.fsencode(row["path"]), "status": row["status"]}
    if row["status"] == "error":
        return record | {"error": {"stage": row["error_stage"], "message": row["error_message"]}}

    def numbers(name, kind):
        return [kind(text) for text in row[name].split(";") if text]

    record |= {"class_ids": numbers("class_ids", int), "scores": numbers("scores", float)}
    record["label_names"] = row["label_names"].split(";") if row["label_names"] else []
    return record | ({"embedding": numbers("embedding", float)} if "embedding" in row else {})


def of_parquet(content):
    return [of_parquet_row(row) for row in pq.read_table(io.BytesIO(content)).to_pylist()]


def of_parquet_row(row):
    record = {"path": row["path_bytes"] or row["path"].encode(), "status": row["status"]}
    if row["status"] == "error":
        assert row["class_ids"] is row["scores"] is row["label_names"] is None
        return record | {"error": {"stage": row["error_stage"], "message": row["error_message"]}}
    assert row["error_stage"] is row["error_message"] is None
    names = ("class_ids", "scores", "label_names", *(["embedding"] if "embedding" in row else []))
    return record | {name: row[name] for name in names}


def as_float32(records):
    """Scores and vectors as the core has them: float32."""
    for record in records:
        for name in {"scores", "embedding"} & set(record):
            record[name] = np.float32(record[name]).tolist()
    return records


@pytest.mark.parametrize("op", OPS)
def test_formats_agree(photos, tmp_path, op):
    formats = [format for format in FORMATS if format != "npy" or op in ("embedding", "score")]
    keys = {"postprocess": op, "lanes": 2, "batch_size": 3, **OPS[op]}
    with Predictor(without_labels(write_config(tmp_path / "model"), op), **keys) as predictor:
        outputs = {format: tmp_path / f"r.{format}" for format in formats}
        summaries = [predictor.write_records(photos, path, format=format) for format, path in outputs.items()]
        results = predictor.classify_folder(photos)
    assert {(summary.images, summary.errors) for summary in summaries} == {(20, 4)}
    contents = {format: path.read_bytes() for format, path in outputs.items()}
    expected = as_float32([{**result.to_dict(), "path": os.fsencode(result.path)} for result in results])
    assert sum(record["status"] == "error" for record in expected) == 4
    assert as_float32(of_jsonl(contents["jsonl"])) == expected
    assert as_float32(of_csv(contents["csv"])) == expected
    assert as_float32(of_parquet(contents["parquet"])) == expected
    assert_text_agrees(contents["text"], expected)
    if "npy" in formats:
        lines = of_jsonl((tmp_path / "r.npy.jsonl").read_bytes())
        array = np.load(tmp_path / "r.npy")
        assert array.shape == (20, CLASSES)
        for row, line, record in zip(array, lines, expected, strict=True):
            assert line == {name: record[name] for name in ("path", "status", "error") if name in record}
            if record["status"] == "ok":
                assert row.tolist() == (record.get("embedding") or record["scores"])
            else:
                assert all(math.isnan(value) for value in row)


def assert_text_agrees(content, records):
    lines = content.decode(errors="surrogateescape").splitlines()
    for line, record in zip(lines, records, strict=True):
        path, _, said = line.partition("\t")
        spelled = (
            path.encode(errors="surrogateescape")
            .replace(b"\\n", b"\n")
            .replace(b"\\t", b"\t")
            .replace(b"\\xe9", b"\xe9")
        )
        assert spelled.replace(b"\\\\", b"\\") == record["path"]
        if record["status"] == "error":
            assert said == f"error in {record['error']['stage']}: {record['error']['message']}"
        elif record["class_ids"]:
            classes = zip(record["class_ids"], record["label_names"], record["scores"], strict=True)
            assert said == ", ".join(f"{id} {label} {score:.5f}" for id, label, score in classes)
        else:
            numbers = [float(number) for number in said.split(", ") if number]
            assert numbers == pytest.approx(record.get("embedding") or record["scores"], abs=1e-5)
