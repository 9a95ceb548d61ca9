"""Parquet and npy outputs: what is written of a part is read back; a failure leaves the part and the older output."""

import base64
import hashlib
import json
import os
import stat

import numpy as np
import pyarrow.parquet as pq
import pytest

from ppinfer import ConfigError, Error, ImageError, Result, RuntimeFailure
from ppinfer._core import GrowingFile
from ppinfer.outputs import parquet
from ppinfer.outputs.formats import format_of, output_writer
from ppinfer.outputs.provenance import Provenance

LENGTH = 5
PROVENANCE = Provenance(version="1.2", config={"topk": "2"}, model_sha256={"m.onnx": "ab"})


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


OUTPUTS = {"parquet": ("r.parquet", "topk"), "vectors": ("v.parquet", "embedding"), "npy": ("v.npy", "embedding")}


def vectors(record):
    """A record as a part has it."""
    for name in record.keys() & {"scores", "embedding"}:
        record[name] = base64.b64encode(np.array(record[name], "<f4").tobytes()).decode()
    return record


def write(results, output, postprocess, length=LENGTH):
    """What a run does at its end, of records as the core writes them."""
    part = output.with_name(f"{output.name}.part")
    part.write_text("".join(json.dumps(vectors(result.to_dict())) + "\n" for result in results))
    writer = output_writer(
        format_of(output, default="text"),
        str(output),
        postprocess=postprocess,
        vector_length=length,
        metadata=PROVENANCE.metadata,
    )
    writer(str(part))


def finished(kind, folder, count):
    """An output of so many images."""
    folder.mkdir(exist_ok=True)
    name, postprocess = OUTPUTS[kind]
    make = top2 if kind == "parquet" else vector
    write(map(make, range(count)), folder / name, postprocess)
    return folder / name


def content(kind, output):
    """All records of a finished output, for comparing."""
    if kind == "npy":
        return np.load(output).tobytes(), output.with_name("v.npy.jsonl").read_text()
    return pq.read_table(output).to_pylist()


def test_parquet_reads_back(tmp_path):
    output = finished("parquet", tmp_path, 300)
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
    monkeypatch.setattr("ppinfer.outputs.new_file._CHUNK_BYTES", 2000)
    monkeypatch.setattr(parquet, "ROW_GROUP_ROWS", 100)
    file = pq.ParquetFile(finished("parquet", tmp_path / "rows", 350))
    rows = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
    assert sum(rows) == 350
    assert all(80 < count <= 100 for count in rows[:-1])
    monkeypatch.setattr(parquet, "ROW_GROUP_BYTES", 2000)
    assert pq.ParquetFile(finished("parquet", tmp_path / "bytes", 350)).num_row_groups > 10


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
    good = Result("a.jpg", attributes=("Color: (red)", "\udcff"), attribute_flags=(1, 0))
    write([good, Result(None, error=ImageError("read", "gone"))], tmp_path / "a.parquet", "vehicle_attribute")
    first, bad = pq.read_table(tmp_path / "a.parquet").to_pylist()
    assert (first["attributes"], first["attribute_flags"]) == (["Color: (red)", "\\xff"], [1, 0])
    assert (bad["path"], bad["attributes"], bad["attribute_flags"]) == (None, None, None)


def test_npy_reads_back(tmp_path):
    output = finished("npy", tmp_path, 100)
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
    write([Result("a.jpg", scores=(0.25, 0.75))], tmp_path / "s.npy", "score", 2)
    assert np.load(tmp_path / "s.npy").tolist() == [[0.25, 0.75]]
    with pytest.raises(RuntimeFailure, match="a vector of 1 numbers, expected 2"):
        write([Result("a.jpg", scores=(0.25,))], tmp_path / "s.npy", "score", 2)
    assert np.load(tmp_path / "s.npy").tolist() == [[0.25, 0.75]]


@pytest.mark.parametrize("kind", OUTPUTS)
def test_empty(tmp_path, kind):
    assert content(kind, finished(kind, tmp_path / "empty", 0)) in ([], (b"", ""))


@pytest.mark.parametrize("left", ["junk", "link"])
@pytest.mark.parametrize("kind", OUTPUTS)
def test_what_has_the_name_of_the_new_file_is_removed(tmp_path, kind, left):
    output = tmp_path / "out" / OUTPUTS[kind][0]
    other = tmp_path / "other"
    other.write_text("kept")
    output.parent.mkdir()
    new = output.with_name(f"{output.name}.part.new")
    if left == "junk":
        new.write_bytes(b"junk" * 10_000)
    else:
        new.symlink_to(other)
    expected = content(kind, finished(kind, tmp_path / "whole", 3))
    assert content(kind, finished(kind, tmp_path / "out", 3)) == expected
    assert not new.exists()
    assert other.read_text() == "kept"


@pytest.mark.parametrize("kind", OUTPUTS)
def test_killed_while_it_is_put_in_place(tmp_path, kind, monkeypatch):
    """Whatever is in place by then, the next try ends the same."""
    expected = content(kind, finished(kind, tmp_path / "whole", 24))
    replaced = []

    class KilledFile(GrowingFile):
        def commit(self, output):
            replaced.append(output)
            if len(replaced) == limit:
                raise KeyboardInterrupt
            super().commit(output)

    monkeypatch.setattr("ppinfer.outputs.new_file.GrowingFile", KilledFile)
    for limit in (1, 2)[: 2 if kind == "npy" else 1]:
        replaced.clear()
        folder = tmp_path / str(limit)
        with pytest.raises(KeyboardInterrupt):
            finished(kind, folder, 24)
        assert not list(folder.glob("*.new"))
        assert content(kind, finished(kind, folder, 24)) == expected


@pytest.mark.parametrize("kind", OUTPUTS)
def test_full_disk_leaves_the_part_and_what_was_there(full_disk, kind):
    output = finished(kind, full_disk, 10)
    before = content(kind, output)
    part = output.with_name(f"{output.name}.part")
    space = os.statvfs(full_disk)
    with open(full_disk / "filler", "wb") as filler:
        os.posix_fallocate(filler.fileno(), 0, space.f_bavail * space.f_bsize)
    with pytest.raises(RuntimeFailure, match=r"cannot write .*\.new: No space left on device"):
        output_writer(
            format_of(output, default="text"),
            str(output),
            postprocess=OUTPUTS[kind][1],
            vector_length=LENGTH,
            metadata=PROVENANCE.metadata,
        )(str(part))
    assert part.exists()
    assert content(kind, output) == before
    assert not list(full_disk.glob("*.new"))


@pytest.mark.parametrize("kind", OUTPUTS)
def test_the_mode_stays(tmp_path, kind):
    output = tmp_path / OUTPUTS[kind][0]
    outputs = [output, *([output.with_name("v.npy.jsonl")] if kind == "npy" else [])]
    for path in outputs:
        path.touch()
        path.chmod(0o640)
    finished(kind, tmp_path, 10)
    assert [stat.S_IMODE(path.stat().st_mode) for path in outputs] == [0o640] * len(outputs)


def test_link_stays(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "r.parquet").symlink_to(tmp_path / "elsewhere/real.parquet")
    assert finished("parquet", tmp_path, 1).is_symlink()
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
        output_writer(format, output, postprocess=postprocess, vector_length=3, metadata=dict)


def test_pyarrow_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr("ppinfer.extras.find_spec", lambda name: None)
    with pytest.raises(Error, match=r"format parquet needs pyarrow: pip install .*pyarrow"):
        finished("parquet", tmp_path, 1)
