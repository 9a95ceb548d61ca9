"""Images sorted into folders of their classes: each once, whatever is tried again."""

import errno
import io
import os
import tarfile
import zipfile
from pathlib import Path

import pytest

from placed_photos import LABELS, bad, good, tree
from ppinfer import ConfigError, Result, RuntimeFailure
from ppinfer.outputs import placing
from ppinfer.outputs.outside import check_no_input_within
from ppinfer.outputs.placing import move, place
from ppinfer.outputs.sorting import BadImageMover, ClassSorter, folder_name
from ppinfer.outputs.sources import SourceGoneError, Sources


@pytest.mark.parametrize("how", placing.HOWS)
def test_twice_is_the_same_as_once(photos, tmp_path, how):
    target = tmp_path / "sorted"
    results = [good(path, 0) for path in sorted(photos.rglob("*.jpg"))]
    sorter = ClassSorter(str(target), how, labels=LABELS, postprocess="topk")
    sorter.add(results)
    once = tree(target)
    assert sorted(once.values()) == [b"a.jpg", b"b.jpg", b"sub/a.jpg", b"sub2/a.jpg"]
    assert once["cat/a.jpg"] == b"a.jpg"
    assert len(once) == 4
    assert all(name.startswith("cat/a") or name == "cat/b.jpg" for name in once)
    sorter.add(results)
    ClassSorter(str(target), how, labels=LABELS, postprocess="topk").add(results)
    assert tree(target) == once
    first = target / "cat/a.jpg"
    assert first.is_symlink() == (how == "symlink")
    assert first.samefile(photos / "a.jpg") == (how != "copy")
    assert first.stat().st_mtime_ns == (photos / "a.jpg").stat().st_mtime_ns


def test_folders_of_classes(photos, tmp_path):
    target = tmp_path / "sorted"
    sorter = ClassSorter(str(target), "symlink", labels=LABELS, postprocess="topk")
    for class_id in range(len(LABELS)):
        sorter.add([good(photos / "a.jpg", class_id)])
    assert sorted(os.listdir(target)) == ["5", "AC_DC", "Crane (2)", "_", "cat", "crane (1)"]
    assert (sorter.sorted, sorter.gone) == (6, 0)


def test_the_best_class(photos, tmp_path):
    target = tmp_path / "sorted"
    path = str(photos / "a.jpg")
    multilabel = ClassSorter(str(target / "m"), "copy", labels=[], postprocess="multilabel")
    multilabel.add([Result(path, (2, 5), (0.6, 0.9))])
    multilabel.add([Result(path)])
    assert sorted(tree(target / "m")) == ["(no class)/a.jpg", "5/a.jpg"]
    scores = ClassSorter(str(target / "s"), "copy", labels=LABELS, postprocess="score")
    scores.add([Result(path, scores=(0.1, 0.2, 0.1, 0.6))])
    threshold = ClassSorter(str(target / "s"), "copy", labels=[], postprocess="threshold")
    threshold.add([Result(path, (1,), (0.9,), ("wears a mask",))])
    assert sorted(tree(target / "s")) == ["AC_DC/a.jpg", "wears a mask/a.jpg"]


def test_bad_and_vanished_images_stay_out(photos, tmp_path):
    target = tmp_path / "sorted"
    for how in placing.HOWS[:2]:
        sorter = ClassSorter(str(target), how, labels=LABELS, postprocess="topk")
        sorter.add([bad(photos / "a.jpg"), good(photos / "nowhere.jpg", 0)])
        assert (sorter.sorted, sorter.gone) == (0, 1)
    assert tree(target) == {}


def test_folder_names():
    assert [folder_name(label) for label in ("tab\tby", "a:b", ".hidden", "end. ", "", "caf\udce9")] == [
        "tab_by",
        "a_b",
        "_hidden",
        "end",
        "_",
        "caf\udce9",
    ]
    assert len(os.fsencode(folder_name("é" * 500))) == 200


def test_long_and_odd_names(tmp_path):
    sources = Sources()
    name = os.fsdecode(b"\xff" * 251) + ".jpg"
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_bytes(folder.encode())
        place(str(tmp_path / folder / name), str(tmp_path / "out"), "copy", sources)
    assert sorted(tree(tmp_path / "out").values()) == [b"x", b"y"]


def test_nothing_is_overwritten(photos, tmp_path):
    target = tmp_path / "out"
    target.mkdir()
    (target / "a.jpg").write_bytes(b"the user's")
    for how in placing.HOWS:
        place(str(photos / "a.jpg"), str(target), how, Sources())
    assert (target / "a.jpg").read_bytes() == b"the user's"
    assert len(tree(target)) == 4  # one of the user's, one a way


KEPT_TIMES = {
    "SMB": lambda ns: ns // 100 * 100,
    "HFS+": lambda ns: ns // 10**9 * 10**9,
    "FAT": lambda ns: ns // (2 * 10**9) * 2 * 10**9,
    "one that has other years": lambda ns: ns + 10**18,
}


@pytest.mark.parametrize("kept", KEPT_TIMES.values(), ids=KEPT_TIMES)
def test_file_systems_that_keep_other_times(photos, tmp_path, monkeypatch, kept):
    """A copy is known again all the same, and another photo of its name isn't taken for it."""
    utime = os.utime
    utime(photos / "a.jpg", ns=(1_500_000_001_234_567_891,) * 2)
    (photos / "sub/a.jpg").write_bytes(b"a.jpg")  # the same content at another time
    monkeypatch.setattr(os, "utime", lambda path, ns: utime(path, ns=(kept(ns[0]), kept(ns[1]))))
    for _ in range(6):
        for name in ("a.jpg", "sub/a.jpg"):
            place(str(photos / name), str(tmp_path / "out"), "copy", Sources())
    assert len(tree(tmp_path / "out")) == 2


def test_a_killed_copy_leaves_nothing_behind(photos, tmp_path, monkeypatch):
    def killed(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(placing, "_publish", killed)
        patch.setattr(os, "unlink", lambda path: None)
        with pytest.raises(KeyboardInterrupt):
            place(str(photos / "a.jpg"), str(tmp_path / "out"), "copy", Sources())
    assert len(tree(tmp_path / "out")) == 1
    place(str(photos / "a.jpg"), str(tmp_path / "out"), "copy", Sources())
    assert tree(tmp_path / "out") == {"a.jpg": b"a.jpg"}


def test_without_hard_links(photos, tmp_path, monkeypatch):
    def no_link(*arguments, **options):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_link)
    with pytest.raises(RuntimeFailure, match="hard links don't reach there; copy or symlink do"):
        place(str(photos / "a.jpg"), str(tmp_path / "out"), "hardlink", Sources())
    for _ in range(2):
        place(str(photos / "a.jpg"), str(tmp_path / "out"), "copy", Sources())
    moved = move(str(photos / "sub/a.jpg"), str(tmp_path / "out"))
    assert sorted(tree(tmp_path / "out").values()) == [b"a.jpg", b"sub/a.jpg"]
    assert Path(moved).read_bytes() == b"sub/a.jpg"
    assert not (photos / "sub/a.jpg").exists()


def test_a_folder_that_cannot_be(photos, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RuntimeFailure, match=r"cannot put .*a\.jpg into .*file/cat: Not a directory"):
        ClassSorter(str(tmp_path / "file"), "copy", labels=LABELS, postprocess="topk").add([good(photos / "a.jpg", 0)])


def test_wrong_settings(tmp_path):
    with pytest.raises(ConfigError, match="sort by magic: expected copy, hardlink or symlink"):
        ClassSorter(str(tmp_path), "magic", labels=[], postprocess="topk")
    with pytest.raises(ConfigError, match="postprocess embedding gives no classes to sort by"):
        ClassSorter(str(tmp_path), "copy", labels=[], postprocess="embedding")


# ---- images that would be met again ----------------------------------------------------------------------------------


def test_inputs_in_the_folders_of_classes_are_refused(photos, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to(photos)
    for path in (
        str(photos / "sub"),
        "photos/sub/a.jpg",
        "photos/*",
        "photos/s*/a.jpg",
        "photos/sub/*.jpg",
        "link/sub",
    ):
        with pytest.raises(ConfigError, match="lies in photos, which images are sorted into: take a folder elsewhere"):
            check_no_input_within("photos", ["elsewhere", path])
    check_no_input_within("photos", ["photos/a.jpg", "photos/*.jpg", "photos/x.tar::d/a.jpg", ".", "sorted/photos"])
    check_no_input_within(None, ["photos/sub"])


def test_an_image_that_is_in_a_class_already(photos, tmp_path):
    """As a list names it, which may be read only while the run is on."""
    sorter = ClassSorter(str(tmp_path / "sorted"), "hardlink", labels=LABELS, postprocess="topk")
    sorter.add([good(photos / "a.jpg", 0)])
    with pytest.raises(RuntimeFailure, match=r"cat/a\.jpg lies in .*sorted, which images are sorted into"):
        sorter.add([good(tmp_path / "sorted/cat/a.jpg", 1)])
    assert list(tree(tmp_path / "sorted")) == ["cat/a.jpg"]


# ---- members of archives ---------------------------------------------------------------------------------------------


JPEG = b"\xff\xd8\xff"
"""The first bytes of a JPEG: of a member that is not an image the reader gives only the first bytes."""


def make_archive(path, members):
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in members:
                archive.writestr(name, content)
        return
    with tarfile.open(path, {".tgz": "w:gz", ".xz": "w:xz"}.get(path.suffix, "w")) as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(content), 1_600_000_000
            archive.addfile(info, io.BytesIO(content))


@pytest.mark.parametrize("name", ["s.tar", "s.tgz", "s.tar.xz", "s.zip", "odd::name.tar"])
@pytest.mark.parametrize("how", placing.HOWS)
def test_members_are_copied(tmp_path, name, how):
    archive = tmp_path / name
    make_archive(archive, [(f"d/{i}é.jpg", b"\xff\xd8\xff" + f"content {i}".encode() * 100) for i in range(20)])
    sorter = ClassSorter(str(tmp_path / "out"), how, labels=[], postprocess="topk")
    results = [good(f"{archive}::d/{i}é.jpg", 0, "") for i in range(20) if i != 4]
    sorter.add(results)
    sorter.add(results[3:5])  # once more, as a resumed run does
    sorter.add([good(f"{archive}::d/nowhere.jpg", 0, ""), good(tmp_path / "nowhere.tar::a.jpg", 0, "")])
    assert tree(tmp_path / "out") == {
        f"0/{i}é.jpg": b"\xff\xd8\xff" + f"content {i}".encode() * 100 for i in range(20) if i != 4
    }
    assert sorter.gone == 2


def test_hard_links_are_copied(tmp_path):
    with tarfile.open(tmp_path / "s.tar", "w") as archive:
        for name, content, target in (("a.jpg", JPEG, ""), ("b.jpg", b"", "./a.jpg"), ("c.jpg", b"", "gone.jpg")):
            info = tarfile.TarInfo(name)
            info.size, info.linkname, info.type = len(content), target, tarfile.LNKTYPE if target else tarfile.REGTYPE
            archive.addfile(info, io.BytesIO(content))
    sources = Sources()
    for name in ("b.jpg", "a.jpg"):
        with sources.open(f"{tmp_path}/s.tar::{name}") as (content, _):
            assert content.read() == JPEG
    with pytest.raises(SourceGoneError, match=r"c\.jpg: is a hard link"), sources.open(f"{tmp_path}/s.tar::c.jpg"):
        pass


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", ["s.tar", "s.zip"])
def test_of_several_members_of_one_name_the_first_was_classified(tmp_path, name):
    make_archive(tmp_path / name, [("a.jpg", JPEG), ("a.jpg", JPEG + b"two")])
    with Sources().open(f"{tmp_path / name}::a.jpg") as (content, _):
        assert content.read() == JPEG


@pytest.mark.parametrize("name", ["s.tar", "s.zip"])
def test_members_keep_their_own_names(tmp_path, name):
    """Also those beside no folder, whose names follow the archive's at once."""
    members = [("a.jpg", JPEG + b"top"), ("d/a.jpg", JPEG + b"below"), ("b::c.jpg", JPEG + b"odd")]
    make_archive(tmp_path / name, members)
    for member, _ in members:
        place(f"{tmp_path / name}::{member}", str(tmp_path / "out"), "copy", Sources())
    found = tree(tmp_path / "out")
    assert sorted(found.values()) == [JPEG + b"below", JPEG + b"odd", JPEG + b"top"]
    assert (found["a.jpg"], found["b::c.jpg"]) == (JPEG + b"top", JPEG + b"odd")


def test_a_damaged_archive(tmp_path):
    archive = tmp_path / "s.tgz"
    make_archive(archive, [(f"{i}.jpg", JPEG + os.urandom(5000)) for i in range(20)])
    archive.write_bytes(archive.read_bytes()[:50_000])
    sources = Sources()
    with sources.open(f"{archive}::0.jpg") as (content, modified_ns):
        assert len(content.read()) == 5003
        assert modified_ns == 1_600_000_000 * 10**9
    with pytest.raises(SourceGoneError, match=r"s\.tgz::19\.jpg"), sources.open(f"{archive}::19.jpg"):
        pass


# ---- what came from a pipe -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", placing.HOWS)
def test_no_file_is_taken_for_what_came_from_a_pipe(tmp_path, monkeypatch, how):
    """Nor is a named pipe opened again, which would wait for a writer."""
    monkeypatch.chdir(tmp_path)
    Path("-").write_bytes(b"another file of this name")
    os.mkfifo("pipe")
    sorter = ClassSorter("out", how, labels=LABELS, postprocess="topk")
    sorter.add([good("-", 0), good("pipe", 0)])
    assert (sorter.sorted, sorter.gone, tree(tmp_path / "out")) == (0, 2, {})
    mover = BadImageMover("bad", "out.bad")
    mover.begin("run")
    mover.add([bad("-"), bad("pipe")])
    mover.finish()
    assert (mover.moves.moved, mover.moves.stayed["from a pipe"]) == (0, 2)
    assert Path("-").exists()


def test_a_machines_failure_is_no_image_that_is_gone(tmp_path, monkeypatch):
    (tmp_path / "a.jpg").write_bytes(JPEG)

    def fail(*_: object, **__: object) -> int:
        raise OSError(errno.EMFILE, "Too many open files")

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", fail)
        with pytest.raises(RuntimeFailure, match="Too many open files"), Sources().open(str(tmp_path / "a.jpg")):
            pass
