"""Images by content, lists with labels, and one image on standard input, in both programs and in Python."""

import os
import subprocess
import threading

import pytest

import ppinfer
from conftest import SCRIPTS, encoded, picture, png, top
from ppinfer import InputSelection

JPEG_2000 = b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(12)


@pytest.fixture(params=[("ppinfer", "classify"), ("clas_system",)], ids=["ppinfer", "clas_system"])
def classify(request, config_path, tmp_path):
    """Run one of the two commands; gives exit code, records, and what else it said."""

    def run(*arguments, **options):
        program, *words = request.param
        command = [SCRIPTS / program, *words, "-c", config_path, "--format", "jsonl", *arguments]
        done = subprocess.run(command, capture_output=True, timeout=300, cwd=tmp_path, **options)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    return run


@pytest.fixture
def mixed(tmp_path):
    folder = tmp_path / "mixed"
    folder.mkdir()
    (folder / "by_hash_0a1b2c").write_bytes(png(3))
    (folder / "saved.jfif").write_bytes(encoded(".jpg", picture(60, 40)))
    (folder / "IMG_1.JP2").write_bytes(JPEG_2000)
    (folder / "IMG_2").write_bytes(JPEG_2000)
    (folder / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    (folder / "notes.txt").write_text("BMW")
    return folder


def test_content_tells_what_is_an_image(classify, mixed):
    code, records, said = classify(mixed)
    assert code == 1
    assert records.count('"ok"') == 2
    assert records.count("JPEG 2000 is not supported") == 2
    assert "2 files skipped: 2 not images (1 .db, 1 .txt)" in said


def test_python_tells_what_it_skipped(predictor, mixed, tmp_path):
    with pytest.warns(UserWarning, match=r"mixed: 2 files skipped: 2 not images \(1 \.db, 1 \.txt\)"):
        results = predictor.classify_folder(mixed)
    assert [result.status for result in results] == ["error", "error", "ok", "ok"]
    summary = predictor.write_records(mixed, tmp_path / "records.csv", shard=(1, 1))
    assert (summary.images, summary.errors, summary.not_images) == (4, 2, {".db": 1, ".txt": 1})
    assert len(list(InputSelection(paths=(str(mixed),)).open())) == 4


@pytest.mark.parametrize("name", ["-", "/dev/stdin"])
def test_one_image_on_standard_input(classify, name):
    code, records, said = classify(name, input=png(5))
    assert (code, records.count("\n")) == (0, 1), said
    assert f'"path": "{name}"' in records
    assert '"class_ids": [5' in records


def test_what_standard_input_is_not(classify, tmp_path):
    assert "not an image" in classify("-", input=b"text")[1]
    assert "empty" in classify("-", input=b"")[1]
    code, _, said = classify("-", "--list", "-", input=b"")
    assert (code, "not both" in said) == (2, True)
    code, _, said = classify("-", "--output", tmp_path / "out.jsonl", "--resume", input=png(1))
    assert code == 2
    assert "--resume: an image comes from standard input" in said


def test_urls_are_named(classify, predictor):
    for url in ("https://example.org/cat.jpg?size=1", "s3://bucket/*.jpg"):
        code, records, _ = classify(url)
        assert code == 1
        assert "is a URL, and URLs are not read" in records
        assert "is a URL" in predictor.predict(url).error.message


def test_labels_in_lists_are_understood(classify, mixed, tmp_path):
    (mixed / "val_list.txt").write_text("by_hash_0a1b2c 3\nsaved.jfif 1\ngone.jpg 2\n")
    code, records, said = classify("--list", mixed / "val_list.txt")
    assert code == 1
    assert records.count('"ok"') == 2
    assert '\\"gone.jpg\\" (the line without its label)' in records
    assert said.count("val_list.txt: its lines have further columns") == 1


def test_a_named_pipe_is_an_image_in_python(predictor, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(png(6)))
    writer.start()
    assert top(predictor.predict(pipe)) == 6
    writer.join()
    writer = threading.Thread(target=lambda: pipe.write_bytes(png(2)))
    writer.start()
    assert ppinfer.decode(pipe).shape == (40, 60, 3)
    writer.join()
