"""A Predictor's stages one by one: against OpenCV and NumPy, and against predict."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from PIL import Image

import ppinfer
from conftest import CLASSES, encoded, flat, jpeg_with_orientation, picture, png, write_config
from ppinfer import BadImageError, Predictor

PHOTO = encoded(".jpg", picture(533, 401))
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
AWKWARD_SIZES = [(1, 1), (3, 8), (8, 3), (533, 401), (256, 256), (4000, 30)]  # width, height


@pytest.fixture(params=[{}, {"channel_order": "bgr"}, {"resize_width": 50, "resize_height": 40, "crop_size": 32}])
def normalising(config_path, request):
    """Predictors that normalise as ImageNet models do: plain, with BGR input, with a resize to one size."""
    keys = {"mean": MEAN, "std": STD, "lanes": 2, "batch_size": 3, **request.param}
    with Predictor(config_path, **keys) as opened:
        yield opened


def plain_resize(predictor: Predictor, pixels: np.ndarray) -> np.ndarray:
    """What Predictor.resize should give, the way it stands in a hundred scripts."""
    key = {name: predictor.config[name].value for name in predictor.config}
    height, width = pixels.shape[:2]
    if int(key["resize_width"]):
        size = (int(key["resize_width"]), int(key["resize_height"]))
    else:
        ratio = int(key["resize_short_size"]) / min(height, width)
        size = (round(width * ratio), round(height * ratio))
    resized = cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR)
    crop = int(key["crop_size"])
    left, top = (size[0] - crop) // 2, (size[1] - crop) // 2
    return resized[top : top + crop, left : left + crop]


def plain_preprocess(predictor: Predictor, pixels: np.ndarray) -> np.ndarray:
    resized = plain_resize(predictor, pixels)
    if predictor.config["channel_order"].value == "bgr":
        resized = resized[:, :, ::-1]
    values = resized.astype(np.float32) * np.float32(1 / 255)
    return ((values - np.float32(MEAN)) / np.float32(STD)).transpose(2, 0, 1)


# ---- decode ---------------------------------------------------------------------------------------------------------


def test_predictors_decode_follows_its_config(config_path):
    turned = jpeg_with_orientation(6)
    with Predictor(config_path, exif_rotate=False, max_pixels=5000) as predictor:
        np.testing.assert_array_equal(predictor.decode(turned), ppinfer.decode(turned, exif_rotate=False))
        with pytest.raises(BadImageError, match="5000"):
            predictor.decode(PHOTO)
    large = encoded(".jpg", picture(1200, 900))
    with Predictor(config_path, decode="fast") as fast, Predictor(config_path) as exact:
        assert fast.decode(large).shape == (450, 600, 3)  # half is the least that a shorter side of 256 px allows
        np.testing.assert_array_equal(exact.decode(large), ppinfer.decode(large))  # all, not what the crop needs


def test_predictors_decode_of_pixels_is_a_copy_in_rgb(predictor):
    pixels = picture(61, 40)
    copy = predictor.decode(pixels[:, ::-1])
    np.testing.assert_array_equal(copy, pixels[:, ::-1])
    copy[:] = 0
    np.testing.assert_array_equal(predictor.decode(pixels[:, :, ::-1], order="bgr"), picture(61, 40))
    np.testing.assert_array_equal(predictor.decode(Image.fromarray(pixels)), pixels)


# ---- resize, preprocess ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "height"), AWKWARD_SIZES)
def test_resize_gives_what_opencv_gives(normalising, width, height):
    pixels = picture(width, height)
    expected = plain_resize(normalising, pixels)
    for image in (pixels, encoded(".png", pixels)):
        resized = normalising.resize(image)
        assert (resized.dtype, resized.flags.c_contiguous) == (np.uint8, True)
        np.testing.assert_array_equal(resized, expected)
    np.testing.assert_array_equal(normalising.resize(pixels[:, :, ::-1], order="bgr"), expected)


@pytest.mark.parametrize(("width", "height"), AWKWARD_SIZES)
def test_preprocess_gives_what_opencv_and_numpy_give(normalising, width, height):
    pixels = picture(width, height)
    expected = plain_preprocess(normalising, pixels)
    for image in (pixels, encoded(".png", pixels)):
        tensor = normalising.preprocess(image)
        assert (tensor.dtype, tensor.flags.c_contiguous) == (np.float32, True)
        np.testing.assert_allclose(tensor, expected, rtol=0, atol=1e-6)
    np.testing.assert_array_equal(normalising.preprocess(pixels[:, :, ::-1], order="bgr"), tensor)


def test_preprocess_of_a_jpeg_that_is_decoded_in_part(normalising):
    content = encoded(".jpg", picture(1333, 400))
    np.testing.assert_array_equal(normalising.preprocess(content), normalising.preprocess(ppinfer.decode(content)))


def test_four_channels_fp16_and_pil(config_path):
    image = picture(533, 401)
    plain = {"mean": MEAN, "std": STD, "resize_backend": "pil", "interpolation": "bicubic"}
    keys = {**plain, "channel_num": 4, "round_to_fp16": True}
    with Predictor(config_path, **plain) as three, Predictor(config_path, **keys) as four:
        tensor = four.preprocess(image)
        assert (tensor.dtype, tensor.shape) == (np.float32, (4, 224, 224))
        np.testing.assert_array_equal(tensor[:3], three.preprocess(image).astype(np.float16).astype(np.float32))
        assert not tensor[3].any()
        np.testing.assert_array_equal(four.resize(image), three.resize(image))
        resized = Image.fromarray(image).resize((340, 256), Image.Resampling.BICUBIC)
        np.testing.assert_array_equal(four.resize(image), np.asarray(resized)[16:240, 58:282])


@pytest.mark.parametrize("method", ["decode", "resize", "preprocess"])
@pytest.mark.parametrize("value", [3, [flat(1)], np.stack([flat(1)]), iter([])])
def test_several_images_are_not_one(predictor, method, value):
    with pytest.raises(TypeError, match="instead of one image: expected a path"):
        getattr(predictor, method)(value)


@pytest.mark.parametrize("method", ["decode", "resize", "preprocess", "logits"])
def test_order_is_checked(predictor, method):
    with pytest.raises(ValueError, match="order is 'RGB'"):
        getattr(predictor, method)(flat(1), order="RGB")


def test_image_that_would_be_resized_to_too_many_pixels(predictor):
    for stage in (predictor.resize, predictor.preprocess, predictor.logits):
        with pytest.raises(BadImageError, match=r"^preprocess: the image is 60000x1 px: resized"):
            stage(np.zeros((1, 60_000, 3), np.uint8))


# ---- logits ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("op", "keys"),
    [("topk", {"topk": 3}), ("threshold", {"threshold": 0.4}), ("score", {}), ("topk", {"softmax": "on"})],
)
def test_logits_and_postprocess_give_what_predict_gives(config_path, op, keys):
    images = [flat(index % CLASSES) for index in range(20)]
    with Predictor(config_path, lanes=2, batch_size=3, postprocess=op, **keys) as predictor:
        logits = predictor.logits(images)
        assert (logits.dtype, logits.shape) == (np.float32, (20, CLASSES))
        labels = predictor.labels
        assert ppinfer.postprocess(logits, op=op, labels=labels, **keys) == predictor.predict(images)
        alone = predictor.logits(images[5])
        assert (alone.dtype, alone.shape) == (np.float32, (CLASSES,))
        np.testing.assert_array_equal(alone, logits[5])


def test_logits_are_what_the_engine_makes_of_the_tensor(predictor):
    for class_id in range(CLASSES):
        mean = predictor.preprocess(flat(class_id)).mean(dtype=np.float64)
        expected = 1 / (1 + np.abs(np.arange(CLASSES) - mean * (CLASSES - 1)))  # the fake engine's formula
        np.testing.assert_allclose(predictor.logits(flat(class_id)), expected, rtol=1e-5)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 7, 50])
def test_logits_of_any_number_of_images(predictor, count):
    logits = predictor.logits(flat(index % CLASSES) for index in range(count))
    assert logits.shape == (count, CLASSES)
    assert logits.argmax(1).tolist() == [index % CLASSES for index in range(count)]


@pytest.mark.parametrize("position", [0, 4, 11])
def test_logits_with_a_bad_image_say_which(predictor, tmp_path, position):
    images = [flat(1)] * 12
    images[position] = b"no image"
    images[11] = b"" if position < 11 else images[11]  # the first bad one counts
    with pytest.raises(BadImageError, match=f"^image {position}: decode: ") as caught:
        predictor.logits(images)
    assert (caught.value.index, caught.value.path) == (position, None)
    images[position] = tmp_path / "none.jpg"
    with pytest.raises(BadImageError, match=r"none\.jpg: read: ") as caught:
        predictor.logits(images)
    assert (caught.value.index, caught.value.path) == (position, str(tmp_path / "none.jpg"))
    assert predictor.logits(flat(3)).argmax() == 3


def test_logits_when_the_engine_fails(tmp_path):
    with Predictor(write_config(tmp_path, model="fail_above 0.9"), batch_size=4) as predictor:
        with pytest.raises(BadImageError) as caught:
            predictor.logits([flat(class_id) for class_id in range(CLASSES)])
        assert (caught.value.stage, caught.value.index) == ("infer", CLASSES - 1)


def test_what_the_iterator_raises_comes_out_of_logits(predictor):
    def images():
        yield flat(1)
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        predictor.logits(images())
    with pytest.raises(TypeError, match="input 1 is an int"):
        predictor.logits([flat(1), 3])


# ---- Threads and lifetime --------------------------------------------------------------------------------------------


def test_an_iterator_may_itself_use_the_stages(predictor):
    inner = (predictor.resize(predictor.decode(png(class_id))) for class_id in range(CLASSES))
    assert predictor.logits(inner).argmax(1).tolist() == list(range(CLASSES))


def test_several_threads_at_once(predictor, tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(PHOTO)

    def work(_):
        logits = predictor.logits([path, flat(3), path])
        return [ppinfer.decode(path), predictor.resize(path), predictor.preprocess(path), logits]

    expected = work(0)
    with ThreadPoolExecutor(8) as threads:
        for got in threads.map(work, range(40)):
            for one, other in zip(got, expected, strict=True):
                np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("stage", ["ppinfer.decode", "decode", "resize", "preprocess", "logits"])
def test_other_python_threads_run_meanwhile(predictor, stage, monkeypatch):
    large = encoded(".png", np.random.default_rng(1).integers(0, 256, (2000, 2000, 3), np.uint8))
    call = ppinfer.decode if stage == "ppinfer.decode" else getattr(predictor, stage)
    gate, ran = threading.Lock(), []
    gate.acquire()

    def wait_and_run():
        with gate:
            ran.append(True)

    other = threading.Thread(target=wait_and_run)
    other.start()
    interval_s = sys.getswitchinterval()
    sys.setswitchinterval(1000)  # now a thread runs only where another lets go of the GIL by itself
    try:
        gate.release()
        call(large)
        seen = list(ran)
    finally:
        sys.setswitchinterval(interval_s)
        other.join()
    assert seen == [True]


def test_arrays_outlive_the_predictor(config_path):
    with Predictor(config_path) as predictor:
        tensor, logits = predictor.preprocess(flat(3)), predictor.logits([flat(3)])
        copies = tensor.copy(), logits.copy()
    del predictor
    np.testing.assert_array_equal(tensor, copies[0])
    np.testing.assert_array_equal(logits, copies[1])


def test_closed_predictor(predictor):
    predictor.close()
    for use in (predictor.decode, predictor.resize, predictor.preprocess, predictor.logits):
        with pytest.raises(ppinfer.Error, match="this Predictor is closed"):
            use(flat(1))


def test_array_with_more_rows_than_the_core_counts(predictor) -> None:
    tall = np.lib.stride_tricks.as_strided(np.zeros(3, np.uint8), (2**31, 1, 3), (3, 3, 1))  # no such memory
    with pytest.raises(ppinfer.BadImageError, match="an array of 2147483648 rows and 1 columns: too many"):
        predictor.decode(tall)
