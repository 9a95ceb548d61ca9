"""ppinfer.Predictor: what goes in, what comes out."""

import gc
import io
import multiprocessing
import pickle
import pydoc
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import ppinfer
from conftest import CLASSES, flat, gray_of, png, top, write_config
from ppinfer import Predictor

# ---- Kinds of input --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind",
    [str, Path, bytes, bytearray, memoryview, np.ndarray, Image.Image],
)
def test_every_kind_of_image_gives_the_same_answer(predictor, tmp_path, kind):
    path = tmp_path / "five.png"
    path.write_bytes(png(5))
    image = {
        str: str(path),
        Path: path,
        bytes: png(5),
        bytearray: bytearray(png(5)),
        memoryview: memoryview(png(5)),
        np.ndarray: flat(5),
        Image.Image: Image.fromarray(flat(5)),
    }[kind]
    result = predictor.predict(image)
    assert result.path == (str(path) if kind in (str, Path) else None)
    assert result.status == "ok"
    assert result.error is None
    assert result.class_ids[0] == 5
    assert result.label_names[0] == "class 5"
    assert result.scores[0] == pytest.approx(1, abs=0.01)
    assert len(result.class_ids) == len(result.scores) == len(result.label_names) == 5


@pytest.mark.parametrize("opened", [lambda path: path.open("rb"), lambda path: io.BytesIO(path.read_bytes())])
def test_open_file_is_one_image(predictor, tmp_path, opened):
    path = tmp_path / "five.png"
    path.write_bytes(png(5))
    with opened(path) as file:
        assert top(predictor.predict(file)) == 5
    with opened(path) as file:
        assert [top(result) for result in predictor.predict([flat(2), file])] == [2, 5]


def test_file_open_as_text(predictor, tmp_path):
    (tmp_path / "five.png").write_text("text")
    with (tmp_path / "five.png").open() as file, pytest.raises(TypeError, match="open the file with mode 'rb'"):
        predictor.predict(file)


def test_folder_is_pointed_to_classify_folder(predictor, photo_folder):
    folder = photo_folder(1)
    for result in (predictor.predict(folder), predictor.predict([folder])[0]):
        assert result.error == ppinfer.ImageError("read", "is a folder: use classify_folder for folders")


def test_gray_pil_image(predictor):
    assert top(predictor.predict(Image.fromarray(flat(3)[:, :, 0]))) == 3


@pytest.mark.parametrize("collection", [list, tuple, iter, lambda images: (image for image in images)])
def test_several_images_keep_their_order(predictor, collection):
    expected = [index % CLASSES for index in range(50)]
    images = [flat(class_id) if class_id % 2 else png(class_id) for class_id in expected]
    assert [top(result) for result in predictor.predict(collection(images))] == expected


def test_four_dimensional_array_is_a_batch(predictor):
    results = predictor.predict(np.stack([flat(class_id) for class_id in range(CLASSES)]))
    assert [top(result) for result in results] == list(range(CLASSES))


@pytest.mark.parametrize("nothing", [[], (), iter([]), np.empty((0, 4, 4, 3), np.uint8)])
def test_no_images_no_results(predictor, nothing):
    assert predictor.predict(nothing) == []


@pytest.mark.parametrize(
    "view",
    [
        lambda a: a[::-1],
        lambda a: a[:, ::-1],
        lambda a: a[::2, ::3],
        lambda a: a[3:20, 5:30],
        lambda a: np.asfortranarray(a),
        lambda a: a.transpose(1, 0, 2),
        lambda a: np.dstack([a, a])[:, :, :3],
        lambda a: np.broadcast_to(a[:1], a.shape),
    ],
)
def test_views_give_what_their_copies_give(predictor, view):
    image = view(np.random.default_rng(1).integers(0, 256, (40, 60, 3), np.uint8))
    image.flags.writeable = False
    assert predictor.predict(image) == predictor.predict(np.ascontiguousarray(image))


def test_channel_order_of_arrays(config_path):
    red = np.zeros((8, 8, 3), np.uint8)
    red[:, :, 0] = gray_of(6)
    with Predictor(config_path, std=[1 / 3, 1e9, 1e9]) as only_red_counts:
        assert top(only_red_counts.predict(red)) == 6
        assert top(only_red_counts.predict(red[:, :, ::-1], order="bgr")) == 6
        assert top(only_red_counts.predict([red[:, :, ::-1]])[0]) == 0
        assert top(only_red_counts.predict(Image.fromarray(red), order="bgr")) == 6
        with pytest.raises(ValueError, match='order is \'BGR\': expected "rgb" or "bgr"'):
            only_red_counts.predict(red, order="BGR")


# ---- Bad images and bad calls ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("image", "stage", "reason"),
    [
        (None, "read", "None"),
        (flat(1).astype(np.float32), "read", "float32, 40x60x3: expected uint8, height x width x 3"),
        (flat(1)[:, :, 0], "read", "uint8, 40x60: expected"),
        (np.zeros((4, 4, 4), np.uint8), "read", "4x4x4"),
        (np.zeros((0, 4, 3), np.uint8), "read", "0x4x3"),
        (np.uint8(3) * np.ones((), np.uint8), "read", "no dimensions"),
        (b"", "decode", ""),
        (b"no image at all", "decode", ""),
        ("/no/such/file.jpg", "read", ""),
    ],
)
def test_bad_image_is_an_error_result_and_spares_its_neighbours(predictor, image, stage, reason):
    if isinstance(image, np.generic):
        image = np.asarray(image)
    alone = predictor.predict(image)
    assert alone.status == "error"
    assert alone.error.stage == stage
    assert reason in alone.error.message
    assert alone.class_ids == alone.scores == alone.label_names == ()
    before, same, after = predictor.predict([flat(2), image, flat(4)])
    assert (top(before), same, top(after)) == (2, alone, 4)


def test_damaged_pil_image_is_an_error_result(predictor, tmp_path):
    path = tmp_path / "cut.png"
    noise = np.random.default_rng(1).integers(0, 256, (200, 200, 3), np.uint8)
    Image.fromarray(noise).save(path)
    path.write_bytes(path.read_bytes()[:2000])
    result = predictor.predict(Image.open(path))
    assert result.error.stage == "read"
    assert "OSError" in result.error.message


@pytest.mark.parametrize("value", [3, 2.5, {"a": 1}, {"a.jpg"}, object()])
def test_what_is_no_image_by_its_type(predictor, value):
    name = type(value).__name__
    with pytest.raises(TypeError, match=f"cannot classify an? {name}: expected a path"):
        predictor.predict(value)
    if not isinstance(value, (dict, set)):
        with pytest.raises(TypeError, match=f"input 2 is an? {name}: expected a path"):
            predictor.predict([flat(1), flat(2), value])
    with pytest.raises(TypeError, match="input 0 is a list"):
        predictor.predict([[flat(1)]])


def test_engine_failure_is_that_images_own(tmp_path):
    with Predictor(write_config(tmp_path, model="fail_above 0.9"), batch_size=4) as predictor:
        results = predictor.predict([flat(class_id) for class_id in range(CLASSES)])
    assert [top(result) for result in results[:-1]] == list(range(CLASSES - 1))
    assert results[-1].error.stage == "infer"


# ---- Iterators and threads -------------------------------------------------------------------------------------------


def test_iterators_own_exception_comes_out_unchanged(predictor):
    raised = KeyError("mine")

    def images():
        yield flat(1)
        raise raised

    with pytest.raises(KeyError) as caught:
        predictor.predict(images())
    assert caught.value is raised
    assert top(predictor.predict(flat(3))) == 3


def test_iterator_is_read_as_lanes_become_free(config_path):
    taken = 0

    def images():
        nonlocal taken
        for taken in range(1, 100_000):
            if taken == 5000:
                raise StopAsyncIteration
            yield flat(1)

    with Predictor(config_path, lanes=2) as predictor, pytest.raises(StopAsyncIteration):
        predictor.predict(images())
    assert taken == 5000


def test_iterator_may_itself_predict(predictor):
    inner = (flat(predictor.predict(flat(class_id)).class_ids[0]) for class_id in range(CLASSES))
    assert [top(result) for result in predictor.predict(inner)] == list(range(CLASSES))


def test_memory_is_let_go(predictor):
    image, encoded = flat(2), bytearray(png(2))
    before = sys.getrefcount(image)
    predictor.predict([image] * 20)
    predictor.predict(image)
    predictor.predict([encoded, encoded])
    gc.collect()
    assert sys.getrefcount(image) == before
    encoded.append(0)  # refused while anything still reads it


def test_many_threads_share_one_predictor(predictor):
    def work(seed):
        expected = [int(class_id) for class_id in np.random.default_rng(seed).integers(0, CLASSES, 40)]
        several = [top(result) for result in predictor.predict([flat(class_id) for class_id in expected])]
        single = [top(predictor.predict(png(class_id))) for class_id in expected[:5]]
        return several == expected and single == expected[:5]

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(work, range(24)))


@pytest.mark.parametrize("several", [False, True])
def test_other_python_threads_run_meanwhile(tmp_path, several):
    with Predictor(write_config(tmp_path, model="delay_ms 300"), lanes=1, warmup=0) as predictor:
        with ThreadPoolExecutor(1) as threads:
            running = threads.submit(predictor.predict, [flat(1)] if several else flat(1))
            turns = 0
            while not running.done():
                turns += 1
        assert turns > 1000


# ---- The object itself -----------------------------------------------------------------------------------------------


def test_properties(predictor):
    assert predictor.class_count == CLASSES
    assert predictor.labels == [f"class {i}" for i in range(CLASSES)]
    assert predictor.config["lanes"].value == "2"
    assert predictor.config["engine"] == ppinfer.EffectiveValue("fake", "config.txt:3")
    assert predictor.config["topk"].origin == "default"
    assert "fake" in repr(predictor)
    assert "2 lanes" in repr(predictor)


def test_closed(predictor):
    with predictor as same:
        assert same is predictor
    predictor.close()
    assert repr(predictor) == "<ppinfer.Predictor: closed>"
    for use in (lambda: predictor.predict(flat(1)), lambda: predictor.labels, lambda: predictor.classify_folder("/")):
        with pytest.raises(ppinfer.Error, match="this Predictor is closed"):
            use()


def test_close_while_another_thread_predicts(tmp_path):
    predictor = Predictor(write_config(tmp_path, model="delay_ms 20"), lanes=1)

    def images():
        yield flat(1)
        predictor.close()
        yield flat(2)

    assert [top(result) for result in predictor.predict(images())] == [1, 2]


def test_pickle(config_path, monkeypatch):
    monkeypatch.chdir(config_path.parent)
    predictor = Predictor("config.txt", label_path="labels.txt", topk=2)
    monkeypatch.chdir("/")
    copy = pickle.loads(pickle.dumps(predictor))
    assert copy.predict(flat(3)) == predictor.predict(flat(3))
    assert len(copy.predict(flat(3)).class_ids) == 2


def test_multiprocessing(predictor):
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        result = pool.apply(predictor.predict, (png(6),))
    assert result == predictor.predict(png(6))


def test_results_are_values(predictor):
    first, second = predictor.predict([flat(1), flat(1)])
    assert first == second
    assert hash(first) == hash(second)
    assert pickle.loads(pickle.dumps(first)) == first
    with pytest.raises(AttributeError):
        first.path = "other"


# ---- Config ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("topk", 3, "3"),
        ("topk", np.int64(3), "3"),
        ("topk", "3", "3"),
        ("exif_rotate", False, "0"),
        ("exif_rotate", np.bool_(False), "0"),
        ("mean", [0.5, 0.25, 1], "0.5,0.25,1"),
        ("mean", np.array([0.5, 0.25, 1]), "0.5,0.25,1"),
        ("scale", np.float64(0.5), "0.5"),
        ("interpolation", "bicubic", "bicubic"),
    ],
)
def test_overrides_are_python_values(config_path, key, value, shown):
    with Predictor(config_path, **{key: value}) as predictor:
        found = predictor.config[key]
    assert found.value.replace(" ", "").replace("false", "0") == shown
    assert found.origin == "argument"


def test_override_of_a_type_that_no_key_has(config_path):
    with pytest.raises(TypeError, match=r"topk: got None \(NoneType\): expected a str"):
        Predictor(config_path, topk=None)


def test_every_problem_of_a_config_at_once(config_path):
    with pytest.raises(ppinfer.ConfigError) as caught:
        Predictor(config_path, resize_short_sise=256, topk="many")
    problems = caught.value.problems
    assert len(problems) == 2
    assert "did you mean resize_short_size?" in problems[0] + problems[1]
    assert str(caught.value) == "\n".join(problems)
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, ppinfer.Error)
    assert pickle.loads(pickle.dumps(caught.value)).problems == problems


def test_messages_call_arguments_by_their_names(config_path):
    with pytest.raises(ppinfer.ConfigError, match=r'^argument topk=many: got "many", expected an integer'):
        Predictor(config_path, topk="many")
    with pytest.raises(ppinfer.ConfigError, match=r"^argument model_dir=nowhere: nowhere: no such folder"):
        Predictor(model_dir="nowhere")
    with pytest.raises(ppinfer.ConfigError, match=r"^argument topc=1: unknown key .did you mean topk"):
        ppinfer.postprocess(np.ones((1, 2)), topc=1)


def test_folder_in_the_place_of_a_config_is_a_model(tmp_path):
    with pytest.raises(ppinfer.ConfigError, match=r"holds no model") as caught:
        Predictor(tmp_path)
    assert caught.value.problems == [str(caught.value)]


def test_what_auto_and_0_came_to_is_shown(config_path):
    with Predictor(config_path, engine="auto", lanes=0) as predictor:
        assert predictor.config["engine"] == ppinfer.EffectiveValue("fake", "argument (auto)")
        found = predictor.config["lanes"]
    assert int(found.value) >= 1
    assert found.origin == "argument (0: the allowed CPUs)"


def test_help_shows_no_insides():
    shown = pydoc.render_doc(Predictor, renderer=pydoc.plaintext)
    assert "_open_core" not in shown
    assert "_core" not in shown
    assert {name for name in dir(ppinfer) if not name.startswith("__")} == set(ppinfer.__all__) - {"__version__"}


def test_no_config_at_all():
    with pytest.raises(ppinfer.ConfigError, match="cls_model_path"):
        Predictor()


def test_model_that_does_not_fit(config_path):
    with pytest.raises(ppinfer.ModelError, match="class_num is 5"):
        Predictor(config_path, class_num=5)


def test_notices_are_warnings_once(tmp_path):
    config = write_config(tmp_path, config="cpu_math_library_num_threads 1024\n")
    with pytest.warns(UserWarning, match="cpu_math_library_num_threads") as caught:
        predictor = Predictor(config)
    assert [str(warning.message) for warning in caught] == predictor.notices
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert pickle.loads(pickle.dumps(predictor)).notices == predictor.notices
