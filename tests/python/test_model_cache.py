"""model_cache_dir: whose entries are used, what may not be written, what was damaged, and numbers of any locale."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import ppinfer
from conftest import SCRIPTS
from made_models import model_folder, photos

NOBODY = 65534
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Classify with engine openvino and the cache in `cache`, without root's right to pass over permissions."""
    model = model_folder(tmp_path / "model", "tiny.pdmodel")
    images = photos(tmp_path / "photos", 3)
    (tmp_path / "cache").mkdir()
    if os.geteuid() == 0 and not shutil.which("setpriv"):
        pytest.skip("there is no setpriv to give up root's rights")
    dropped = "-dac_override,-dac_read_search"
    without_rights = ["setpriv", f"--bounding-set={dropped}", f"--inh-caps={dropped}"] if os.geteuid() == 0 else []
    keys = {"model_dir": model, "engine": "openvino", "model_cache_dir": tmp_path / "cache", "batch_size": 2}
    options = [part for key, value in keys.items() for part in ("-o", f"{key}={value}")]

    def classify(**settings: object) -> subprocess.CompletedProcess[str]:
        command = [*without_rights, str(SCRIPTS / "clas_system"), *options, "--format", "text", *images]
        return subprocess.run(command, capture_output=True, text=True, check=True, **settings)

    return classify


@pytest.fixture
def entries(run: Run, tmp_path: Path) -> list[Path]:
    """What one run has kept: a file for batches of two, and one for a single image."""
    run()
    made = sorted((tmp_path / "cache").iterdir())
    assert len(made) == 2
    return made


def notes(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [line for line in done.stderr.splitlines() if "model_cache_dir" in line]


def test_entries_are_used_in_a_folder_that_cannot_be_written(run, entries):
    expected = run().stdout
    entries[0].parent.chmod(0o555)
    done = run()
    assert done.stdout == expected
    assert notes(done) == []  # which says that an entry was used: it couldn't have been kept


def test_another_users_folder_is_not_used(run, entries):
    if os.geteuid() != 0:
        pytest.skip("only root may give files to another user")
    before = [entry.stat() for entry in entries]
    os.chown(entries[0].parent, NOBODY, NOBODY)
    (note,) = notes(run())
    assert f"isn't used: it belongs to user {NOBODY}, expected this user (0) or root" in note
    assert [entry.stat() for entry in entries] == before


def test_a_folder_that_cannot_be_written_and_has_no_entry_is_a_note(run, tmp_path):
    expected = run().stdout
    for entry in (tmp_path / "cache").iterdir():
        entry.unlink()
    (tmp_path / "cache").chmod(0o555)
    done = run()
    assert done.stdout == expected
    (note,) = notes(done)
    assert f"model_cache_dir {tmp_path}/cache: " in note
    assert "Permission denied" in note


@pytest.mark.parametrize(("mode", "reason"), [(0o600, "Permission denied"), (0o644, "belongs to user")])
def test_another_users_entry_is_replaced(run, entries, mode, reason):
    if os.geteuid() != 0:
        pytest.skip("only root may give files to another user")
    for entry in entries:
        os.chown(entry, NOBODY, NOBODY)
        entry.chmod(mode)
    done = run()
    assert len(notes(done)) == 2
    assert all(reason in note for note in notes(done))
    assert notes(run()) == []


@pytest.mark.parametrize(("umask", "folder", "entry"), [(0o027, 0o750, 0o640), (0, 0o755, 0o644)])
def test_what_is_made_follows_the_umask_but_only_its_owner_may_write_it(run, tmp_path, umask, folder, entry):
    (tmp_path / "cache").rmdir()
    assert notes(run(umask=umask)) == []
    assert (tmp_path / "cache").stat().st_mode & 0o777 == folder
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "cache").iterdir()} == {entry}


# As a power failure leaves a file: its length is on the disk, some of its bytes aren't.
def test_an_entry_with_zeros_in_it_is_told_and_made_anew(run, entries):
    expected, whole = run(), [entry.read_bytes() for entry in entries]
    assert notes(expected) == []
    for entry, content in zip(entries, whole, strict=True):
        middle = len(content) // 3
        entry.write_bytes(content[:middle] + bytes(middle) + content[2 * middle :])
    done = run()
    assert done.stdout == expected.stdout
    assert [f"{entry} isn't used: it is damaged" in "".join(notes(done)) for entry in entries] == [True, True]
    assert notes(run()) == []


def test_an_entry_far_larger_than_its_model_is_not_read(run, entries):
    expected = run().stdout
    for entry in entries:
        os.truncate(entry, 1 << 40)  # sparse
    done = run()
    assert done.stdout == expected
    assert f"{entries[0]} isn't used: it has {1 << 40} bytes, more than the " in "".join(notes(done))


def test_a_full_disk_is_a_note(run, full_disk, tmp_path):
    expected = run().stdout
    (tmp_path / "cache").rename(tmp_path / "other")
    (tmp_path / "cache").symlink_to(full_disk)
    full_disk.chmod(0o755)
    (full_disk / "filler").write_bytes(bytes(1 << 20))
    done = run()
    assert done.stdout == expected
    assert len(notes(done)) == 1
    assert "No space left on device" in notes(done)[0]
    assert [path.name for path in full_disk.iterdir()] == ["filler"]


@pytest.fixture
def comma_locale(tmp_path: Path) -> Path:
    """A folder for LOCPATH with a locale "comma", which writes 1.234,5."""
    if not (shutil.which("localedef") and Path("/usr/share/i18n/charmaps").is_dir()):
        reason = "localedef needs Debian's package locales"
        (pytest.fail if os.environ.get("PPINFER_REQUIRE_MODELS") else pytest.skip)(reason)
    source = tmp_path / "comma.txt"
    source.write_text('LC_NUMERIC\ndecimal_point ","\nthousands_sep "."\ngrouping 3;3\nEND LC_NUMERIC\n')
    command = ["localedef", "-c", "-i", str(source), "-f", "ANSI_X3.4-1968", str(tmp_path / "locales/comma")]
    (tmp_path / "locales").mkdir()
    subprocess.run(command, capture_output=True, check=False)  # complains of what the locale lacks
    return tmp_path / "locales"


# OpenVINO parses the epsilon of a normalisation with the process's locale: 9.99e-07 became 9.
LOCALE_SCRIPT = """if True:
    import locale, sys, warnings
    locale.setlocale(locale.LC_NUMERIC, sys.argv[1])
    assert locale.localeconv()["decimal_point"] == sys.argv[2]
    import numpy as np, ppinfer
    keys = dict(cls_model_path=sys.argv[3], crop_size=8, resize_short_size=8, mean="0.5,0.5,0.5", std="1,1,1", lanes=2)
    warnings.simplefilter("ignore")
    with ppinfer.Predictor(**keys, model_cache_dir=sys.argv[4], batch_size=2, warmup=2) as predictor:
        image = np.arange(192, dtype=np.uint8).reshape(8, 8, 3)
        print(predictor.logits([image] * 3).tolist())
"""


@pytest.mark.parametrize("form", ["ir", "onnx"])
def test_numbers_have_points_under_any_locale(tmp_path, comma_locale, form):
    ov = pytest.importorskip("openvino")
    op = ov.opset13
    image = op.parameter([-1, 3, 8, 8], np.float32, name="x")
    rows = op.reshape(image, np.array([0, -1]), True)
    scores = op.mvn(rows, np.array([1]), True, 1.5e-3, "inside_sqrt")
    path = tmp_path / "net.xml"
    if form == "ir":
        ov.save_model(ov.Model([op.softmax(scores, 1)], [image]), path, compress_to_fp16=False)
    else:
        path = made_onnx(tmp_path / "net.onnx")

    def logits(name: str, point: str, cache: str) -> str:
        command = [sys.executable, "-c", LOCALE_SCRIPT, name, point, str(path), str(tmp_path / cache)]
        environment = {**os.environ, "LOCPATH": str(comma_locale)}
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, timeout=300)
        return done.stdout

    expected = logits("C", ".", "first")
    assert [logits("comma", ",", cache) for cache in ("second", "second", "first")] == [expected] * 3
    assert logits("C", ".", "second") == expected
    assert len(list((tmp_path / "second").iterdir())) == len(list((tmp_path / "first").iterdir())) == 2


def made_onnx(path: Path) -> Path:
    onnx = pytest.importorskip("onnx", reason="it makes the model")
    x, y = (
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["n", *sides])
        for name, sides in (("x", [3, 8, 8]), ("y", [192]))
    )
    scale = onnx.numpy_helper.from_array(np.linspace(0.5, 1.5, 192, dtype=np.float32), "scale")
    nodes = [
        onnx.helper.make_node("Flatten", ["x"], ["f"]),
        onnx.helper.make_node("LayerNormalization", ["f", "scale"], ["n"], epsilon=1.5e-3),
        onnx.helper.make_node("Softmax", ["n"], ["y"], axis=1),
    ]
    graph = onnx.helper.make_graph(nodes, "g", [x], [y], [scale])
    onnx.save_model(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)]), path)
    return path


def test_warmup_leaves_nothing_to_be_made_in_the_run(tmp_path):
    model = model_folder(tmp_path / "model", "tiny.pdmodel")
    keys = {"engine": "openvino", "model_cache_dir": str(tmp_path / "cache"), "batch_size": 4, "lanes": 2}
    with ppinfer.Predictor(model_dir=model, **keys, warmup=0) as predictor:
        assert len(list((tmp_path / "cache").iterdir())) == 1
        predictor.predict(photos(tmp_path / "photos", 1)[0])
    made = sorted((tmp_path / "cache").iterdir())
    assert len(made) == 2
    shutil.rmtree(tmp_path / "cache")
    with ppinfer.Predictor(model_dir=model, **keys):
        assert sorted((tmp_path / "cache").iterdir()) == made
