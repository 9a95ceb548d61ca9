"""Parquet and npy stores: what is written is read back, cut anywhere, gone on with, and whole whatever happens."""

import hashlib
import json
import os
import random
import stat
from types import SimpleNamespace

import numpy as np
import pyarrow.parquet as pq
import pytest

from ppinfer import ConfigError, Error, ImageError, Result, RuntimeFailure
from ppinfer.outputs import parquet
from ppinfer.outputs.formats import check_format, format_of
from ppinfer.outputs.run_identity import RunIdentity
from ppinfer.outputs.stores import make_store

LENGTH = 5
IDENTITY = RunIdentity(version="1.2", config={"topk": "2"}, model_sha256={"m.onnx": "ab"})


def count(store):
    return sum(1 for _ in store.kept_records())


def float32(value):
    return float(np.float32(value))


def top2(index):
    """The core's result of image `index`; each seventh is bad."""
    path = os.fsdecode(b"photos/caf\xe9 %d.jpg" % index) if index % 5 == 0 else f"photos/{index} é.jpg"
    if index % 7 == 3:
        return Result(path, error=ImageError("decode", f"no image: {path}"))
    scores = (float32(0.1 + index / 1e4), float32(1e-30))
    return Result(path, (index % 8, 7), scores, (f"class {index % 8}", "é"))


def vector(index):
    path, error = top2(index).path, top2(index).error
    values = () if error else tuple(float32(x) for x in np.random.default_rng(index).normal(size=LENGTH))
    return Result(path, embedding=values, error=error)


def make(kind, folder, metadata=None):
    name, postprocess = {
        "parquet": ("r.parquet", "topk"),
        "vectors": ("v.parquet", "embedding"),
        "npy": ("v.npy", "embedding"),
    }[kind]
    return make_store(
        format_of(name, default="text"),
        folder / name,
        postprocess=postprocess,
        vector_length=LENGTH,
        metadata=IDENTITY.metadata if metadata is None else metadata,
    ), folder / name


KINDS = ("parquet", "vectors", "npy")


def result(kind, index):
    return top2(index) if kind == "parquet" else vector(index)


def fill(store, kind, first, last, step):
    for start in range(first, last, step):
        store.write([result(kind, index) for index in range(start, min(start + step, last))])


def content(kind, output):
    """All records of a finished output, for comparing."""
    if kind == "npy":
        return np.load(output).tobytes(), output.with_name("v.npy.jsonl").read_text()
    return pq.read_table(output).to_pylist()


def finished(kind, folder, count):
    folder.mkdir()
    store, output = make(kind, folder)
    store.truncate(0)
    fill(store, kind, 0, count, 16)
    store.commit()
    return content(kind, output)


def leftover(folder):
    return sorted(path.name for path in folder.iterdir() if path.suffix in (".part", ".new"))


def test_parquet_reads_back(tmp_path):
    store, output = make("parquet", tmp_path)
    assert count(store) == 0
    assert leftover(tmp_path) == []
    store.truncate(0)
    fill(store, "parquet", 0, 300, 64)
    store.flush()
    assert not output.exists()
    store.commit()
    assert leftover(tmp_path) == []
    table = pq.read_table(output)
    rows = table.to_pylist()
    assert len(rows) == 300
    for index, row in enumerate(rows):
        result = top2(index)
        path, error = result.path, result.error
        raw = os.fsencode(path)
        assert row["path_bytes"] == (raw if index % 5 == 0 else None)
        assert row["path"] == (f"photos/caf\\xe9 {index}.jpg" if index % 5 == 0 else path)
        assert row["status"] == ("error" if error else "ok")
        assert row["class_ids"] == (None if error else list(result.class_ids))
        assert row["scores"] == (None if error else list(result.scores))
        assert row["label_names"] == (None if error else list(result.label_names))
        assert row["error_stage"] == (error and "decode")
        assert row["error_message"] == (error and f"no image: {row['path']}")
    assert "embedding" not in table.column_names
    assert table.schema.field("scores").type.value_type == "float"
    metadata = table.schema.metadata
    assert metadata[b"ppinfer.version"] == b"1.2"
    assert json.loads(metadata[b"ppinfer.model_sha256"]) == {"m.onnx": "ab"}
    assert metadata[b"ppinfer.config_sha256"] == hashlib.sha256(b'{"topk": "2"}').hexdigest().encode()
    assert json.loads(metadata[b"ppinfer.config"]) == {"topk": "2"}


def test_row_groups(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet, "ROW_GROUP_ROWS", 100)
    finished("parquet", tmp_path / "rows", 350)
    file = pq.ParquetFile(tmp_path / "rows/r.parquet")
    assert [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)] == [96, 96, 96, 62]
    monkeypatch.setattr(parquet, "ROW_GROUP_BYTES", 2000)
    finished("parquet", tmp_path / "bytes", 350)
    assert pq.ParquetFile(tmp_path / "bytes/r.parquet").num_row_groups > 10


def test_each_batch_is_measured_once(monkeypatch):
    """A slow model leaves thousands of small ones, of which all together make a row group."""
    asked = []
    counted = type("Batch", (), {"num_rows": 4, "nbytes": property(lambda batch: asked.append(batch) or 1000)})
    batches = [counted() for _ in range(100)]
    monkeypatch.setattr(parquet.pa, "Table", SimpleNamespace(from_batches=lambda held, schema: len(held)))
    assert list(parquet.row_groups(batches, None)) == [100]
    assert asked == batches


def test_columns_are_packed_as_they_are_worth(tmp_path):
    finished("vectors", tmp_path / "vectors", 50)
    group = pq.ParquetFile(tmp_path / "vectors/v.parquet").metadata.row_group(0)
    columns = {column.path_in_schema: column for column in map(group.column, range(group.num_columns))}
    packed = {name: column.compression for name, column in columns.items()}
    assert packed.pop("embedding.list.element") == "UNCOMPRESSED"
    assert set(packed.values()) == {"ZSTD"}
    assert "RLE_DICTIONARY" in columns["status"].encodings
    assert "RLE_DICTIONARY" not in columns["embedding.list.element"].encodings


def test_attributes(tmp_path):
    store = make_store(
        "parquet", tmp_path / "a.parquet", postprocess="vehicle_attribute", vector_length=3, metadata=dict
    )
    store.truncate(0)
    store.write(
        [
            Result("a.jpg", attributes=("Color: (red)", "\udcff"), attribute_flags=(1, 0)),
            Result(None, error=ImageError("read", "gone")),
        ]
    )
    store.commit()
    good, bad = pq.read_table(tmp_path / "a.parquet").to_pylist()
    assert (good["attributes"], good["attribute_flags"]) == (["Color: (red)", "\\xff"], [1, 0])
    assert (bad["path"], bad["attributes"], bad["attribute_flags"]) == (None, None, None)


def test_npy_reads_back(tmp_path):
    store, output = make("npy", tmp_path)
    store.truncate(0)
    fill(store, "npy", 0, 100, 7)
    store.commit()
    assert leftover(tmp_path) == []
    array = np.load(output)
    assert (array.dtype, array.shape) == (np.float32, (100, LENGTH))
    lines = [json.loads(line) for line in output.with_name("v.npy.jsonl").read_text().splitlines()]
    assert len(lines) == 100
    for index, (row, line) in enumerate(zip(array, lines, strict=True)):
        result = vector(index)
        assert line["path"] == result.path
        if result.error:
            assert np.isnan(row).all()
            assert line["error"] == {"stage": "decode", "message": result.error.message}
        else:
            assert tuple(row.tolist()) == result.embedding
            assert line == {"path": result.path, "status": "ok"}


def test_npy_of_scores(tmp_path):
    store = make_store("npy", tmp_path / "s.npy", postprocess="score", vector_length=2, metadata=dict)
    store.truncate(0)
    store.write([Result("a.jpg", scores=(0.25, 0.75))])
    with pytest.raises(RuntimeFailure, match="a vector of 1 numbers, expected 2"):
        store.write([Result("a.jpg", scores=(0.25,))])
    store.commit()
    assert np.load(tmp_path / "s.npy").tolist() == [[0.25, 0.75]]


@pytest.mark.parametrize("kind", KINDS)
def test_empty(tmp_path, kind):
    assert finished(kind, tmp_path / "empty", 0) in ([], (b"", ""))


@pytest.mark.parametrize("kind", KINDS)
def test_cut_anywhere_and_gone_on_with(tmp_path, kind):
    expected = finished(kind, tmp_path / "whole", 50)
    for kept in (0, 1, 15, 16, 17, 31, 32, 40):
        folder = tmp_path / str(kept)
        folder.mkdir()
        store, _ = make(kind, folder)
        store.truncate(0)
        fill(store, kind, 0, 40, 16)
        store.close()
        store, output = make(kind, folder)
        kept_records = list(store.kept_records())
        given = [result(kind, index) for index in range(40)]
        assert kept_records == [(os.fsencode(one.path), one.error is not None) for one in given]
        store.truncate(kept)
        fill(store, kind, kept, 50, 9)
        store.commit()
        assert content(kind, output) == expected, kept


@pytest.mark.parametrize("kind", KINDS)
def test_torn_tails(tmp_path, kind):
    """A kill may leave any number of bytes: whole records before them are kept, and a resumed run ends the same."""
    expected = finished(kind, tmp_path / "whole", 24)
    folder = tmp_path / "torn"
    folder.mkdir()
    store, output = make(kind, folder)
    store.truncate(0)
    fill(store, kind, 0, 24, 8)
    store.close()
    parts = {path: path.read_bytes() for path in folder.glob("*.part")}
    dice = random.Random(kind)
    counts = set()
    for _ in range(60):
        for path, whole in parts.items():
            path.write_bytes(whole[: dice.randrange(len(whole) + 1)])
        store, output = make(kind, folder)
        kept = count(store)
        counts.add(kept)
        store.truncate(kept)
        fill(store, kind, kept, 24, 8)
        store.commit()
        assert content(kind, output) == expected, kept
    assert counts >= {0, 8, 16} if kind != "npy" else len(counts) > 10


@pytest.mark.parametrize("kind", KINDS)
def test_killed_while_it_is_put_in_place(tmp_path, kind, monkeypatch):
    expected = finished(kind, tmp_path / "whole", 24)
    replaced = []

    def killed(old, new):
        replaced.append(new)
        if len(replaced) == limit:
            raise KeyboardInterrupt
        os.rename(old, new)

    monkeypatch.setattr(os, "replace", killed)
    for limit in (1, 2)[: 2 if kind == "npy" else 1]:
        replaced.clear()
        folder = tmp_path / str(limit)
        folder.mkdir()
        store, output = make(kind, folder)
        store.truncate(0)
        fill(store, kind, 0, 24, 8)
        with pytest.raises(KeyboardInterrupt):
            store.commit()
        store.close()
        assert not output.exists()
        store, output = make(kind, folder)
        assert count(store) == 24
        store.truncate(24)
        store.commit()
        assert content(kind, output) == expected


@pytest.mark.parametrize("kind", KINDS)
def test_a_part_that_is_nothing_of_ours(tmp_path, kind):
    store, output = make(kind, tmp_path)
    (tmp_path / f"{output.name}.part").write_bytes(b"nonsense" * 100)
    if kind == "npy":
        (tmp_path / f"{output.name}.jsonl.part").write_bytes(b"")
    assert count(store) == 0
    store.truncate(0)
    fill(store, kind, 0, 24, 8)
    store.commit()
    assert content(kind, output) == finished(kind, tmp_path / "whole", 24)


@pytest.mark.parametrize("kind", KINDS)
def test_full_disk_leaves_whole_records(tmp_path, kind, full_disk):
    store, output = make(kind, full_disk)
    store.truncate(0)
    with pytest.raises(RuntimeFailure, match=r"cannot write .*\.part: No space left on device"):
        fill(store, kind, 0, 100_000, 64)
    store.close()
    store, output = make(kind, full_disk)
    kept = count(store)
    assert kept > 0
    assert kept % 64 == 0
    store.truncate(kept)
    with pytest.raises(RuntimeFailure, match="No space left on device"):  # there are two of them for a moment
        store.commit()
    store.close()
    assert not output.exists()
    assert leftover(full_disk) == [path.name for path in sorted(full_disk.glob("*.part"))]
    store, output = make(kind, full_disk)
    assert count(store) == kept


@pytest.mark.parametrize("kind", KINDS)
def test_removed_while_running(tmp_path, kind):
    store, output = make(kind, tmp_path)
    store.truncate(0)
    fill(store, kind, 0, 10, 5)
    part = tmp_path / f"{output.name}.part"
    part.unlink()
    with pytest.raises(RuntimeFailure, match=r"\.part: was removed while"):
        store.flush()
    part.write_bytes(b"")
    with pytest.raises(RuntimeFailure, match=r"\.part: was replaced while"):
        store.commit()
    assert not output.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_the_mode_stays(tmp_path, kind):
    store, output = make(kind, tmp_path)
    outputs = [output, *([output.with_name("v.npy.jsonl")] if kind == "npy" else [])]
    for path in outputs:
        path.touch()
        path.chmod(0o640)
    store.truncate(0)
    fill(store, kind, 0, 10, 5)
    store.commit()
    assert [stat.S_IMODE(path.stat().st_mode) for path in outputs] == [0o640] * len(outputs)
    assert content(kind, output) == finished(kind, tmp_path / "whole", 10)


@pytest.mark.parametrize("kind", KINDS)
def test_an_output_that_may_not_be_written(tmp_path, kind, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: not os.path.exists(path) or mode != os.W_OK)
    _, output = make(kind, tmp_path)
    output.touch()
    with pytest.raises(RuntimeFailure, match=f"cannot write {output}: Permission denied"):
        make(kind, tmp_path)


def test_link_stays(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "r.parquet").symlink_to(tmp_path / "elsewhere/real.parquet")
    store, output = make("parquet", tmp_path)
    store.truncate(0)
    store.commit()
    assert output.is_symlink()
    assert (tmp_path / "elsewhere/real.parquet").is_file()


@pytest.mark.parametrize(
    ("format", "output", "postprocess", "said"),
    [
        ("xml", "a", "topk", "format xml: expected text, jsonl, csv, spreadsheet, parquet or npy"),
        ("parquet", "-", "topk", "format parquet needs a file, standard output is not a file"),
        ("parquet", "/dev/null", "topk", "format parquet needs a file, /dev/null is not a file"),
        ("npy", "a.npy", "topk", "format npy holds vectors, which postprocess topk doesn't give: set postprocess"),
    ],
)
def test_refused(format, output, postprocess, said):
    with pytest.raises(ConfigError, match=said):
        make_store(format, output, postprocess=postprocess, vector_length=3, metadata=dict)


def test_pyarrow_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr("ppinfer.extras.find_spec", lambda name: None)
    with pytest.raises(Error, match=r"format parquet needs pyarrow: pip install .*pyarrow"):
        make("parquet", tmp_path)


def test_formats_are_checked():
    check_format("npy")
    with pytest.raises(ConfigError, match="format xml: expected text, jsonl"):
        check_format("xml")
