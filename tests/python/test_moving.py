"""Bad images are moved away once all is done: each once, whatever is tried again."""

import os
from pathlib import Path

import pytest

from placed_photos import bad, good, tree
from ppinfer import RuntimeFailure
from ppinfer.outputs import placing
from ppinfer.outputs.placing import move, place
from ppinfer.outputs.sorting import BadImageMover
from ppinfer.outputs.sources import SourceGoneError, Sources


def mover_of(tmp_path, run_id="1234", into=None):
    mover = BadImageMover(str(into or tmp_path / "bad"), str(tmp_path / "out.moves"))
    mover.begin(run_id)
    return mover


def test_bad_images_are_moved_at_the_end(photos, tmp_path):
    mover = mover_of(tmp_path)
    mover.finish()  # nothing was noted
    (photos / "dangling.jpg").symlink_to("nowhere")
    (photos / "folder.jpg").mkdir()
    (photos / "shard.tar").write_bytes(b"nonsense")
    names = (
        "a.jpg",
        "sub/a.jpg",
        "nowhere.jpg",
        "dangling.jpg",
        "folder.jpg",
        "shard.tar",
        "shard.tar::x.jpg",
        "a.jpg",
    )
    mover.add([good(photos / "b.jpg", 0), *(bad(photos / name) for name in names)])
    mover.close()
    assert (photos / "a.jpg").exists()
    again = mover_of(tmp_path)  # a resumed run
    again.add([bad(photos / "a.jpg"), bad(photos / "sub2/a.jpg")])
    again.finish()
    assert sorted(path.name for path in photos.rglob("*") if not path.is_dir()) == ["b.jpg", "shard.tar"]
    assert (photos / "folder.jpg").is_dir()
    moved = sorted((tmp_path / "bad").iterdir())
    assert again.moves.moved == len(moved) == 4
    assert again.moves.stayed == {"in archives": 3}  # the folder among them
    assert sorted(path.read_bytes() for path in moved if not path.is_symlink()) == [
        b"a.jpg",
        b"sub/a.jpg",
        b"sub2/a.jpg",
    ]
    assert os.readlink(tmp_path / "bad/dangling.jpg") == "nowhere"
    assert not (tmp_path / "out.moves").exists()


def test_a_torn_list(photos, tmp_path):
    (photos / "a").write_bytes(b"a good one, whose name is the beginning of a bad one's")
    (tmp_path / "out.moves").write_bytes(b"ppinfer bad images 1234\n\0decode\t1:2:3:4\t" + os.fsencode(photos / "a"))
    mover = mover_of(tmp_path)
    mover.add([bad(photos / "a.jpg")])
    mover.finish()
    assert tree(tmp_path / "bad") == {"a.jpg": b"a.jpg"}


@pytest.mark.parametrize("list_content", [b"ppinfer bad images 99\n", b"ppinfer bad", b""])
def test_the_list_of_another_run_is_discarded(photos, tmp_path, list_content):
    facts = (photos / "b.jpg").stat()
    entry = f"\0decode\t{facts.st_dev}:{facts.st_ino}:{facts.st_size}:{facts.st_mtime_ns}\t{photos / 'b.jpg'}\0"
    (tmp_path / "out.moves").write_bytes(list_content + entry.encode() if b"\n" in list_content else list_content)
    mover = mover_of(tmp_path)
    mover.add([bad(photos / "a.jpg")])
    mover.finish()
    assert tree(tmp_path / "bad") == {"a.jpg": b"a.jpg"}
    assert (photos / "b.jpg").exists()
    assert not (tmp_path / "out.moves").exists()


def test_somebody_elses_file_in_the_place_of_the_list_stays(tmp_path):
    (tmp_path / "out.moves").write_bytes(b"knight to f3")
    with pytest.raises(RuntimeFailure, match=r"out\.moves is in the way"):
        mover_of(tmp_path)
    assert (tmp_path / "out.moves").read_bytes() == b"knight to f3"


def test_a_file_that_was_replaced_meanwhile_stays(photos, tmp_path):
    mover = mover_of(tmp_path)
    mover.add([bad(photos / "a.jpg"), bad(photos / "b.jpg")])
    (photos / "a.jpg").unlink()
    (photos / "a.jpg").write_bytes(b"mended")
    mover.finish()
    assert tree(tmp_path / "bad") == {"b.jpg": b"b.jpg"}
    assert mover.moves.stayed == {"changed since": 1}


def test_only_images_that_are_bad_themselves_are_moved(photos, tmp_path):
    """A model that fails, or a drive that is away for a moment, says nothing of them."""
    mover = mover_of(tmp_path)
    stages = {"a.jpg": "read", "b.jpg": "infer", "sub/a.jpg": "preprocess", "sub2/a.jpg": "infer"}
    mover.add([bad(photos / name, stage) for name, stage in stages.items()])
    mover.finish()
    assert tree(tmp_path / "bad") == {"a.jpg": b"sub/a.jpg"}
    assert sorted(tree(photos)) == ["a.jpg", "b.jpg", "sub2/a.jpg"]
    assert mover.moves.moved == 1
    assert mover.moves.stayed == {"failed at infer": 2, "failed at read": 1}


@pytest.mark.parametrize("links", [True, False])
def test_what_cannot_be_moved_stays_and_the_others_go(photos, tmp_path, monkeypatch, links):
    unlink = os.unlink

    def may_not(path):
        if str(path) == str(photos / "a.jpg"):
            raise PermissionError(13, "Permission denied")
        unlink(path)

    monkeypatch.setattr(os, "unlink", may_not)
    if not links:
        monkeypatch.setattr(os, "link", lambda *_, **__: (_ for _ in ()).throw(PermissionError(1, "no links here")))
    mover = mover_of(tmp_path)
    mover.add([bad(photos / "a.jpg"), bad(photos / "b.jpg")])
    mover.finish()
    assert tree(tmp_path / "bad") == {"b.jpg": b"b.jpg"}, "what stays has no second name"
    assert (photos / "a.jpg").read_bytes() == b"a.jpg"
    assert mover.moves.moved == 1
    assert mover.moves.stayed == {"can't be moved": 1}
    assert mover.moves.refused == [f"cannot move {photos}/a.jpg into {tmp_path}/bad: Permission denied"]
    assert not (tmp_path / "out.moves").exists(), "the next run would begin with it"


def test_a_move_that_was_killed_midway(photos, tmp_path):
    (tmp_path / "bad").mkdir()
    os.link(photos / "a.jpg", tmp_path / "bad/a.jpg")
    move(str(photos / "a.jpg"), str(tmp_path / "bad"))
    assert tree(tmp_path / "bad") == {"a.jpg": b"a.jpg"}
    assert not (photos / "a.jpg").exists()
    with pytest.raises(SourceGoneError):
        move(str(photos / "a.jpg"), str(tmp_path / "bad"))


@pytest.mark.parametrize("links", [True, False])
def test_what_is_in_the_folder_stays_there(photos, tmp_path, monkeypatch, links):
    """To take its name away would lose it: it has no other."""
    if not links:
        monkeypatch.setattr(os, "link", lambda *_, **__: (_ for _ in ()).throw(PermissionError(1, "no links here")))
    (tmp_path / "other name").symlink_to(photos / "sub")
    mover = mover_of(tmp_path, into=photos / "sub")
    monkeypatch.chdir(photos / "sub")
    mover.add([bad(photos / "sub/a.jpg"), bad(tmp_path / "other name/a.jpg"), bad("a.jpg")])
    mover.finish()
    assert tree(photos / "sub") == {"a.jpg": b"sub/a.jpg"}
    assert mover.moves.moved == 0
    for how in placing.HOWS:
        place("a.jpg", str(photos / "sub"), how, Sources())
    assert tree(photos / "sub") == {"a.jpg": b"sub/a.jpg"}


def test_moved_to_another_file_system(photos, other_file_system):
    (other_file_system / "a.jpg").write_bytes(b"the user's")
    (photos / "dangling.jpg").symlink_to("nowhere")
    before = (photos / "a.jpg").stat().st_mtime_ns
    moved = Path(move(str(photos / "a.jpg"), str(other_file_system)))
    assert moved.read_bytes() == b"a.jpg"
    assert moved.stat().st_mtime_ns == before
    assert os.readlink(move(str(photos / "dangling.jpg"), str(other_file_system))) == "nowhere"
    assert sorted(path.name for path in photos.iterdir()) == ["b.jpg", "sub", "sub2"]
    with pytest.raises(RuntimeFailure, match="hard links don't reach there"):
        place(str(photos / "b.jpg"), str(other_file_system), "hardlink", Sources())
