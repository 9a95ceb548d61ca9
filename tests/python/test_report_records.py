"""Records as JSON Lines, CSV and Parquet, as a report reads them."""

import csv
import json
import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import ppinfer
from conftest import png
from ppinfer.report.record_folder import record_files
from ppinfer.report.records import Record, read_file, read_metadata, read_records, split_list
from report_records import SOME, as_records, bad, good, tally_of, write_jsonl


def write_csv(path, records):
    with path.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["path", "status", "class_ids", "scores", "label_names", "error_stage", "error_message"])
        for record in records:
            lists = [";".join(map(str, record.get(name, []))) for name in ("class_ids", "scores", "label_names")]
            error = record.get("error", {})
            rows.writerow([record["path"], record["status"], *lists, error.get("stage"), error.get("message")])
    return path


def write_parquet(path, records):
    columns = {name: [record.get(name) for record in records] for name in ("class_ids", "scores", "label_names")}
    raw = [os.fsencode(record["path"]) for record in records]
    table = pa.table(
        {
            "path": [path.decode(errors="backslashreplace") for path in raw],
            "path_bytes": [None if path.isascii() else path for path in raw],
            "status": [record["status"] for record in records],
            **columns,
            "error_stage": [record.get("error", {}).get("stage") for record in records],
            "error_message": [record.get("error", {}).get("message") for record in records],
        }
    )
    metadata = {"ppinfer.config": json.dumps({"topk": "5"}), "ppinfer.version": "9.9", "other": "x"}
    pq.write_table(table.replace_schema_metadata(metadata), path)
    return path


@pytest.mark.parametrize("write", [write_jsonl, write_csv, write_parquet])
def test_formats_are_told_by_content_and_hold_the_same(tmp_path, write):
    read = list(read_file(write(tmp_path / "records.of.mine", SOME)))
    assert [record.path for record in read] == [record["path"] for record in SOME]
    assert [list(record.class_ids) for record in read] == [[0, 1], [], [1], []]
    assert [np.float32(score) for record in read for score in record.scores] == [
        np.float32(s) for s in (0.75, 0.2, 0.375)
    ]
    assert [list(record.labels) for record in read] == [["tabby", "lynx"], [], ["lynx"], []]
    assert (read[1].error_stage, read[1].error_message) == ("read", "no such file")


def test_what_the_core_writes_is_read(tmp_path, config_path, photo_folder):
    folder = photo_folder(5)
    (folder / "cut.png").write_bytes(png(1)[:40])
    (folder / 'new\nline, "quoted".png').write_bytes(png(2))
    for record_format in ("jsonl", "csv"):
        output = tmp_path / f"records.{record_format}"
        with ppinfer.Predictor(config_path, topk=2) as predictor:
            predictor.write_records([folder], output, format=record_format)
        read = list(read_file(output))
        assert [os.path.basename(record.path) for record in read] == sorted(os.listdir(folder))
        assert [record.labels[0] for record in read if not record.error_stage] == [
            f"class {i}" for i in (0, 1, 2, 3, 4, 2)
        ]
        assert [record.error_stage for record in read if record.error_stage] == ["decode"]


def test_attributes_embeddings_and_scores_that_are_none(tmp_path):
    attributes = {**good("a.jpg"), "attributes": ["Male", "Hat"], "attribute_flags": [1, 1]}
    embedding = {**good("b.jpg"), "embedding": [0.6, 0.8]}
    infinite = {**good("c.jpg", (0, 0.5)), "scores": [None]}
    read = as_records([attributes, embedding, infinite], tmp_path)
    assert read[0].labels == ["Male", "Hat"]
    assert read[1] == Record("b.jpg", [], [], [])
    assert np.isnan(read[2].scores[0])
    tally = tally_of(read)
    assert not tally.has_scores
    assert [name.label for name in tally.names] == ["Male", "Hat", "tabby"]


def test_labels_of_csv_with_separators_in_them():
    assert split_list(r"a\;b;c\\;d") == ["a;b", "c\\", "d"]
    assert split_list("") == []
    assert split_list(";") == ["", ""]


def paths_of_folder(folder):
    return [record.path for record in read_records(record_files(folder).files)]


CSV_HEADER = b"path,status,class_ids,scores,label_names,error_stage,error_message\n"
BAD_LINE = json.dumps(bad("a")).encode() + b"\n"
UNEQUAL_LINE = json.dumps({**good("a"), "class_ids": [1, 2], "scores": [0.5]}).encode() + b"\n"


@pytest.mark.parametrize(
    ("content", "where", "what"),
    [
        (b"cat.jpg: tabby 0.5\n", "r:", "expected JSON Lines, CSV or Parquet"),
        (b'{"path": "a", "status": "ok"}\n', "r:1:", "'scores' is missing"),
        (BAD_LINE + b'{"path": "b"', "r:2:", "cut off"),
        (UNEQUAL_LINE, "r:1:", "2 class_ids, but 1 scores"),
        (b'{"path": 5, "status": "error", "error": {"stage": "s", "message": "m"}}\n', "r:1:", "path is 5, expected"),
        (
            b'{"path": "", "status": "ok", "class_ids": [Infinity], "scores": [1], "label_names": 0}\n',
            "r:1:",
            "infinity",
        ),
        (b'{"path": "a", "status": "error", "error": {"stage": null, "message": "m"}}\n', "r:1:", "error is None"),
        (b'{"path": "a", "status": "ok", "class_ids": [1], "scores": [1], "label_names": [2]}\n', "r:1:", "[2]"),
        (CSV_HEADER + b"a,ok,x,0.5,,,\n", "r:2:", "'x'"),
        (CSV_HEADER + b"a,ok,1\n", "r:2:", "cut off"),
        (b"PAR1 but no more", "r:", "arquet"),
    ],
)
def test_what_is_no_record_is_told_with_its_line(tmp_path, monkeypatch, content, where, what):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "r").write_bytes(content)
    with pytest.raises(ppinfer.Error) as caught:
        list(read_file(Path("r")))
    assert str(caught.value).startswith(where)
    assert what in str(caught.value)


def test_a_folder_of_records_is_read_in_the_order_of_names(tmp_path):
    write_jsonl(tmp_path / "2.jsonl", SOME[1:])
    write_parquet(tmp_path / "1.parquet", SOME[:1])
    (tmp_path / "log.txt").write_text("no records")
    assert paths_of_folder(tmp_path) == [record["path"] for record in SOME]
    (tmp_path / "empty").mkdir()
    with pytest.raises(ppinfer.Error, match="without files of records"):
        record_files(tmp_path / "empty")


def test_a_folder_counts_no_error_twice_and_no_log(tmp_path):
    """As tools/batch/classify_tree and --log-json leave it."""
    some = [*SOME, bad("gone.jpg")]
    errors = [record for record in some if record["status"] == "error"]
    write_parquet(tmp_path / "records.parquet", some)
    write_jsonl(tmp_path / "records.parquet.errors.jsonl", errors)
    (tmp_path / "run.jsonl").write_text('{"time": "2026-01-01", "event": "start"}\n{"event": "end"}\n')
    assert paths_of_folder(tmp_path) == [record["path"] for record in some]
    assert record_files(tmp_path).left_out == [
        f"{tmp_path}/run.jsonl: events of a run, no records",
        f"{tmp_path}/records.parquet.errors.jsonl: errors that are in other files, too",
    ]


def test_a_folder_of_errors_alone_has_each_once(tmp_path):
    errors = [bad("a.jpg"), bad("b.jpg")]
    write_jsonl(tmp_path / "bad.jsonl", errors)
    write_jsonl(tmp_path / "records.jsonl", errors)
    write_jsonl(tmp_path / "shard.jsonl", [bad("c.jpg")])
    assert paths_of_folder(tmp_path) == ["a.jpg", "b.jpg", "c.jpg"]


def test_all_endings_of_the_formats_are_found_in_a_folder(tmp_path):
    for name, record in zip(("1.pq", "2.ndjson", "3.JSONL"), SOME, strict=False):
        write = write_parquet if name.endswith("pq") else write_jsonl
        write(tmp_path / name, [record])
    (tmp_path / "facts.json").write_text("{}")
    assert paths_of_folder(tmp_path) == [record["path"] for record in SOME[:3]]


def test_parquet_tells_of_its_run(tmp_path):
    assert read_metadata(write_parquet(tmp_path / "r", SOME)) == {"config": {"topk": "5"}, "version": "9.9"}
    assert read_metadata(write_jsonl(tmp_path / "j", SOME)) == {}
