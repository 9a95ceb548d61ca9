"""Records as JSON Lines, CSV and Parquet, as a report reads them."""

import csv
import json
import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import ppinfer
from conftest import png
from ppinfer.commands import app
from ppinfer.report import parquet_rows, records
from ppinfer.report.record_folder import record_files
from ppinfer.report.records import Problems, Record, read_file, read_metadata, read_records, split_list
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
    read = list(read_file(write(tmp_path / "records.of.mine", SOME), Problems()))
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
        read = list(read_file(output, Problems()))
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
    return [record.path for record in read_records(record_files(folder).files, Problems())]


CSV_HEADER = b"path,status,class_ids,scores,label_names,error_stage,error_message\n"
BAD_LINE = json.dumps(bad("a")).encode() + b"\n"
UNEQUAL_LINE = json.dumps({**good("a"), "class_ids": [1, 2], "scores": [0.5]}).encode() + b"\n"


def line_of(**changed):
    return json.dumps({**good("a.jpg"), **changed}).encode() + b"\n"


@pytest.mark.parametrize(
    ("content", "where", "what"),
    [
        (b'{"path": "a", "status": "ok"}\n', "r:1:", "'label_names' is missing"),
        (BAD_LINE + b'{"path": "b"', "r:2:", "truncated"),
        (UNEQUAL_LINE, "r:1:", "2 class_ids, but 1 scores"),
        (b'{"path": 5, "status": "error", "error": {"stage": "s", "message": "m"}}\n', "r:1:", "path is 5, expected"),
        (b'{"path": "a", "status": "error", "error": {"stage": null, "message": "m"}}\n', "r:1:", "error is None"),
        (line_of(label_names=[2, 3]), "r:1:", "label is 2"),
        (line_of(class_ids=[2**40, 1]), "r:1:", "class id 1099511627776"),
        (line_of(class_ids=[-1, 1]), "r:1:", "class id -1"),
        (line_of(class_ids=[True, 1]), "r:1:", "class id True"),
        (line_of(scores=[1e300, 0]), "r:1:", "score 1e+300"),
        (line_of(scores=[float("inf"), 0]), "r:1:", "Infinity"),
        (line_of(scores=float("1e308")), "r:1:", "scores is 1e+308, expected a list"),
        (line_of(class_ids=[], scores="12"), "r:1:", "scores is '12', expected a list"),
        (line_of(scores=[True, "0.5"]), "r:1:", "score True"),
        (line_of(label_names={"0": "x", "1": "y"}), "r:1:", "expected a list"),
        (line_of(label_names=False), "r:1:", "expected a list"),
        (line_of(path=False), "r:1:", "path is False"),
        (line_of(status="failed"), "r:1:", "status is 'failed'"),
        (line_of(status=None), "r:1:", "status is None"),
        (
            b'{"path": "a", "status": "error", "error": {"stage": "", "message": "m"}}\n',
            "r:1:",
            "stage of the error is",
        ),
        (line_of(path="half \ud800 a pair"), "r:1:", "surrogates not allowed"),
        (line_of(path="a\0b"), "r:1:", "zero byte"),
        (line_of(label_names=["y" * 20_000, "x"]), "r:1:", "20,000 characters"),
        (b"[" * 200_000 + b"\n" + BAD_LINE, "r:1:", ""),
        (b'{"path":' * 200_000 + b"\n", "r:1:", "nested too deeply"),
        (CSV_HEADER + b"a,ok,x,0.5,,,\n", "r:2:", "'x'"),
        (CSV_HEADER + b"a,ok,1\n", "r:2:", "truncated"),
        (CSV_HEADER + b"a,OK,1,0.5,x,,\n", "r:2:", "status is 'OK'"),
        (CSV_HEADER + b"a,ok,1_0,0.5,x,,\n", "r:2:", "got '1_0'"),
        (CSV_HEADER + "a,ok,١,0.5,x,,\n".encode(), "r:2:", "expected numbers"),
        (CSV_HEADER + b"a,error,,,,,m\n", "r:2:", "stage of the error is"),
        (CSV_HEADER + b"a,ok,1,1e300,,,\n", "r:2:", "score 1e+300"),
        (CSV_HEADER + b'a,ok,1,0.5,"' + b"y" * 20_000 + b'",,\n', "r:2:", "20,000 characters"),
    ],
)
def test_what_is_not_a_record_is_counted_and_named(tmp_path, monkeypatch, content, where, what):
    """And the records around it are read."""
    monkeypatch.chdir(tmp_path)
    after = b"b.jpg,ok,1,0.5,cat,,\n" if content.startswith(CSV_HEADER) else line_of(path="b.jpg")
    is_torn = not content.endswith(b"\n")
    (tmp_path / "r").write_bytes(content if is_torn else content + after)
    problems = Problems()
    if content.startswith(b"["):  # no format at all
        with pytest.raises(ppinfer.Error, match="expected records in JSON Lines"):
            list(read_file(Path("r"), problems))
        return
    read = list(read_file(Path("r"), problems))
    assert is_torn or read[-1].path == "b.jpg"
    assert problems.count == len(problems.named) == 1
    assert problems.named[0].startswith(where)
    assert what in problems.named[0]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"cat.jpg: tabby 0.5\n", "expected records in JSON Lines, CSV or Parquet"),
        (b"PAR1 but no more", "can't be read as Parquet"),
        (b"PAR1" + bytes(1000) + b"PAR1", "can't be read as Parquet"),
        (b"path,status,class_ids\na,ok,1\n", "lacks the columns scores, error_stage, error_message"),
        (b'path,status,"' + b"x" * 100_000, "lacks the columns"),
        (CSV_HEADER[:-1] + b",path\na,ok,1,0.5,x,,,b\n", "several columns path"),
    ],
)
def test_a_file_in_no_format_of_records_is_an_error(tmp_path, content, what):
    (tmp_path / "r").write_bytes(content)
    with pytest.raises(ppinfer.Error, match=what):
        list(read_file(tmp_path / "r", Problems()))


def test_a_line_without_end_and_a_value_that_repeats_take_bounded_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "LONGEST_RECORD", 10_000)
    (tmp_path / "long.jsonl").write_bytes(b'{"path": "' + b"x" * 100_000 + b'"}\n' + line_of(path="b.jpg"))
    problems = Problems()
    assert [record.path for record in read_file(tmp_path / "long.jsonl", problems)] == ["b.jpg"]
    assert "more than 10,000 bytes" in problems.named[0]
    huge = {**good("a.jpg", (0, 0.5)), "label_names": ["y" * 100_000]}
    for count in (1, 1000):  # a few hundred bytes: a dictionary of one value
        write_parquet(tmp_path / "r.parquet", [huge] * count)
        problems = Problems()
        assert list(read_file(tmp_path / "r.parquet", problems)) == []
        assert problems.count == count
        assert "more than 10,000 bytes" in problems.named[0]


def parquet_of(file, /, **changed):
    rows = len(next(iter(changed.values())))
    columns = {
        "path": ["a.jpg"] * rows,
        "status": ["ok"] * rows,
        "class_ids": pa.array([[]] * rows, pa.list_(pa.int64())),
        "scores": pa.array([[]] * rows, pa.list_(pa.float32())),
        "label_names": pa.array([[]] * rows, pa.list_(pa.string())),
        "error_stage": pa.nulls(rows, pa.string()),
        "error_message": pa.nulls(rows, pa.string()),
    }
    pq.write_table(pa.table(columns | changed), file, compression="zstd")
    return file


def test_parquet_that_unpacks_to_any_size(tmp_path, monkeypatch):
    nulls = pa.ListArray.from_arrays([0, 0, 1_000_000, 1_000_000], pa.nulls(1_000_000, pa.float32()))
    problems = Problems()
    assert len(list(read_file(parquet_of(tmp_path / "r", scores=nulls), problems))) == 3
    monkeypatch.setattr(records, "LONGEST_RECORD", 1_000_000)
    assert len(list(read_file(tmp_path / "r", problems))) == 2
    assert problems.named == [
        f"{tmp_path}/r, row 2: not a record that `ppinfer classify` writes: the row has more than 1,000,000 bytes"
    ]
    monkeypatch.setattr(parquet_rows, "MOST_GROUP_VALUES", 1000)
    problems = Problems()
    assert list(read_file(tmp_path / "r", problems)) == []
    assert "from row 1 on" in problems.named[0]
    monkeypatch.setattr(parquet_rows, "BATCH_BYTES", 500_000)
    table = pq.read_table(parquet_of(tmp_path / "r", path=["z" * 1000] * 3000))  # 3 kB
    pq.write_table(table, tmp_path / "s", use_dictionary=False, column_encoding={"path": "DELTA_BYTE_ARRAY"})
    monkeypatch.setattr(parquet_rows, "MOST_UNPACKING", 10)
    monkeypatch.setattr(parquet_rows, "MOST_GROUP_VALUES", 10_000)
    with pytest.raises(ppinfer.Error, match=r"its first [\d,]+ rows unpack to more than 10 times its size"):
        list(read_file(tmp_path / "s", Problems()))


def test_parquet_of_other_types(tmp_path):
    raw = pa.array([b"ok", b"\xff\xfe", b"ok"], pa.binary())
    wrong_text = pa.StringArray.from_buffers(3, raw.buffers()[1], raw.buffers()[2])
    for changed, rows in (
        ({"path": wrong_text}, [2]),
        ({"label_names": pa.ListArray.from_arrays([0, 1, 2, 3], wrong_text)}, [2]),
        ({"status": ["ok", None, "banana"]}, [2, 3]),
        ({"status": [1, 2]}, [1, 2]),
        ({"scores": ["12"]}, [1]),
        ({"scores": [[True]]}, [1]),
    ):
        problems = Problems()
        read = list(read_file(parquet_of(tmp_path / "r", **changed), problems))
        assert [problem.split(":")[0] for problem in problems.named] == [f"{tmp_path}/r, row {row}" for row in rows]
        assert len(read) == len(next(iter(changed.values()))) - len(rows)
    maps = pa.array([[(1, 2.0)]], pa.map_(pa.int64(), pa.float32()))
    with pytest.raises(ppinfer.Error, match="its column scores is map"):
        list(read_file(parquet_of(tmp_path / "r", scores=maps), Problems()))


def test_a_report_counts_what_is_not_a_record(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fifo").touch()
    os.unlink("fifo")
    os.mkfifo("fifo")
    paths = ["/dev/zero::a", "fifo", "fifo::a", "/dev/zero", "/proc/self/mem", "gone.jpg"]
    content = b"".join(line_of(path=path) for path in paths) + line_of(scores=[1e300, 0])
    (tmp_path / "r.jsonl").write_bytes(content)
    done = CliRunner().invoke(app, ["report", "r.jsonl", "--output", "r.html"])
    assert done.exit_code == 1, done.output
    assert "r.jsonl:7: not a record" in done.stderr
    page = (tmp_path / "r.html").read_text()
    assert "1 lines or rows aren&#39;t records" in page
    done = CliRunner().invoke(app, ["report", "fifo", "--output", "s.html"])
    assert (done.exit_code, "isn't a regular file" in done.stderr) == (2, True)


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
        f"{tmp_path}/run.jsonl: events of a run, not records",
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
