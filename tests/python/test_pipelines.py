"""The pixels and tensors of ppinfer are those of PaddleClas' own operators, pipeline by pipeline, image by image.

The judge of a pipeline is `create_operators` of PaddleClas' deployment, and a few lines of numpy for the one operation
that only its training code has. OpenCV runs without IPP there: with it, bicubic differs from OpenCV's own code by one
level in some pixels.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import ppinfer
from conftest import write_config
from oracle import oracle

Operation = dict[str, Any]

CV2 = ("nearest", "bilinear", "area", "bicubic", "lanczos")
PIL = ("nearest", "bilinear", "bicubic", "box", "lanczos", "hamming")
METHODS = [*(("cv2", name) for name in CV2), *(("pil", name) for name in PIL)]
IMAGENET = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}
TO_CHW: Operation = {"ToCHWImage": None}


def normalize(**parameters: object) -> Operation:
    return {"NormalizeImage": {"scale": "1.0/255.0", **IMAGENET, "order": "", **parameters}}


def resize(backend: str, interpolation: str, **parameters: object) -> Operation:
    return {"ResizeImage": {"backend": backend, "interpolation": interpolation, **parameters}}


def make_pipelines() -> dict[str, list[Operation]]:
    pipelines: dict[str, list[Operation]] = {}
    for backend, name in METHODS:
        method = f"{backend}_{name}"
        crop = {"CropImage": {"size": 56}}
        pipelines[f"short_crop_{method}"] = [resize(backend, name, resize_short=64), crop, normalize(), TO_CHW]
        pipelines[f"square_{method}"] = [resize(backend, name, size=48), normalize(), TO_CHW]
        pipelines[f"wide_{method}"] = [resize(backend, name, size=[192, 48]), normalize(order="hwc"), TO_CHW]
    plain: list[Operation] = [{"ResizeImage": {"resize_short": 72}}, {"CropImage": {"size": [60, 41]}}]
    pil: Operation = {"ResizeImage": {"size": 56, "backend": "PIL", "return_numpy": False}}
    return pipelines | {
        "defaults": [*plain, {"NormalizeImage": {"order": ""}}, TO_CHW],
        "decimal_scale": [*plain, normalize(scale=0.00392157), TO_CHW],
        "scale_of_one": [*plain, normalize(scale=1, mean=[127.0] * 3, std=[128.0] * 3), TO_CHW],
        "no_mean": [*plain, normalize(mean=[0, 0, 0], std=[1, 1, 1]), TO_CHW],
        "half": [*plain, normalize(mean=[0.5] * 3, std=[0.5] * 3), TO_CHW],
        "chw_first": [*plain, TO_CHW, normalize(order="chw")],
        "chw_by_default": [*plain, TO_CHW, {"NormalizeImage": {"scale": 0.01}}],
        "four_channels": [*plain, normalize(channel_num=4), TO_CHW],
        "four_channels_chw": [*plain, TO_CHW, normalize(channel_num=4, order="chw")],
        "fp16": [*plain, normalize(output_fp16=True), TO_CHW],
        "no_normalize": [*plain, TO_CHW],
        "bgr": [{"DecodeImage": {"to_rgb": False}}, *plain, normalize(), TO_CHW],
        "rgb_said": [{"DecodeImage": {"to_rgb": True, "to_np": False, "channel_first": False}}, *plain, TO_CHW],
        "kept_as_pil_image": [pil, normalize(), TO_CHW],
        "kept_as_pil_image_unnormalized": [pil, TO_CHW],
        "size_beside_short": [{"ResizeImage": {"resize_short": 60, "size": 30}}, {"CropImage": {"size": 60}}, TO_CHW],
        "short_of_minus_one": [{"ResizeImage": {"resize_short": -1, "size": [31, 47]}}, TO_CHW],
        "ratio": [{"CropImageAtRatio": {"size": 56, "pad": 8}}, normalize(), TO_CHW],
        "ratio_bicubic": [{"CropImageAtRatio": {"size": 48, "pad": 6, "interpolation": "bicubic"}}, TO_CHW],
        "ratio_crop": [{"CropImageAtRatio": {"size": 56, "pad": 0}}, {"CropImage": {"size": [40, 33]}}, TO_CHW],
    }


PIPELINES = make_pipelines()
SIZES = [
    *[(1, 1), (3, 8), (8, 3), (1, 9), (533, 401), (401, 533), (4000, 30), (30, 1000), (64, 64), (48, 48), (128, 128)],
    *[(56, 56), (65, 64), (127, 129), (512, 513), (192, 48), (96, 24), (255, 256), (100, 75), (2, 2)],
]


def noise(width: int, height: int, seed: int) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def waves(width: int, height: int) -> NDArray[np.uint8]:
    y, x = np.mgrid[0:height, 0:width]
    planes = [128 + 127 * np.sin(x / (3 + c) + y / (5 - c)) for c in range(3)]
    return np.stack(planes, axis=-1).round().astype(np.uint8)


def make_files() -> dict[str, bytes]:
    """At least 60 image files, by name."""
    files = {}
    for seed, (width, height) in enumerate(SIZES):
        for kind, pixels in (("noise", noise(width, height, seed)), ("waves", waves(width, height))):
            files[f"{kind}_{width}x{height}.png"] = cv2.imencode(".png", pixels)[1].tobytes()
    for quality, (width, height) in enumerate([(533, 401), (64, 80), (301, 200), (40, 40), (17, 200), (256, 256)]):
        pixels = waves(width, height)
        options = [cv2.IMWRITE_JPEG_QUALITY, 60 + 6 * quality]
        files[f"photo_{width}x{height}.jpg"] = cv2.imencode(".jpg", pixels, options)[1].tobytes()
        files[f"gray_{width}x{height}.jpg"] = cv2.imencode(".jpg", pixels[..., 0], options)[1].tobytes()
    return files


def with_orientation(jpeg: bytes, orientation: int) -> bytes:
    tiff = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0" + bytes([orientation]) + b"\0\0\0" + b"\0\0\0\0"
    segment = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + (len(segment) + 2).to_bytes(2, "big") + segment + jpeg[2:]


FILES = make_files()
FILES |= {f"turned_{turn}.jpg": with_orientation(FILES["photo_533x401.jpg"], turn) for turn in range(1, 9)}


@pytest.fixture(autouse=True)
def _opencv_by_its_own_code() -> Iterator[None]:
    before = cv2.ipp.useIPP()
    cv2.ipp.setUseIPP(False)
    yield
    cv2.ipp.setUseIPP(before)


class SquareAtRatio:
    """PaddleClas' CropImageAtRatio."""

    def __init__(self, size: int, pad: int, interpolation: str = "bilinear") -> None:
        self.size, self.ratio = size, size / (size + pad)
        self.method = {"bilinear": cv2.INTER_LINEAR, "bicubic": cv2.INTER_CUBIC}[interpolation]

    def __call__(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        height, width = image.shape[:2]
        side = int(self.ratio * min(height, width))
        if side == 0:
            raise ValueError("nothing left")
        top, left = (height - side) // 2, (width - side) // 2
        square = np.ascontiguousarray(image[top : top + side, left : left + side])
        return cv2.resize(square, (self.size, self.size), interpolation=self.method).astype(np.uint8)


def oracle_of(operations: list[Operation]) -> list[tuple[str, Callable[[Any], Any]]]:
    create_operators = oracle("preprocess").create_operators
    made: list[tuple[str, Callable[[Any], Any]]] = []
    for operation in operations:
        ((name, parameters),) = operation.items()
        if name == "CropImageAtRatio":
            made.append((name, SquareAtRatio(**parameters)))
        elif name != "DecodeImage":
            made.append((name, create_operators([operation])[0]))
    return made


def judged(file: bytes, operations: list[Operation]) -> tuple[NDArray[np.uint8], NDArray[np.float32]] | None:
    """The pixels after resize and crop, in RGB, and the tensor; None: the operators refuse the image."""
    decoded = cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_COLOR)
    to_rgb = operations[0].get("DecodeImage", {}).get("to_rgb", True)
    value: Any = np.ascontiguousarray(decoded[:, :, ::-1]) if to_rgb else decoded
    pixels: Any = None
    for name, operator in oracle_of(operations):
        if pixels is None and name in ("NormalizeImage", "ToCHWImage"):
            pixels = np.asarray(value)
        try:
            value = operator(value)
        except Exception as refusal:
            if name in ("CropImage", "CropImageAtRatio"):
                return None  # too small
            raise AssertionError(f"the oracle's {name} fails") from refusal
    return pixels if to_rgb else pixels[:, :, ::-1], np.asarray(value)


@pytest.mark.parametrize("name", PIPELINES)
def test_pixels_and_tensors_are_the_oracles(name: str, tmp_path: Path) -> None:
    operations = PIPELINES[name]
    write_config(tmp_path)
    (tmp_path / "inference.yml").write_text(json.dumps({"PreProcess": {"transform_ops": operations}}))
    compared = 0
    with ppinfer.Predictor(cls_model_path=tmp_path / "model.fake", engine="fake", lanes=1) as predictor:
        for file_name, file in FILES.items():
            judgement = judged(file, operations)
            if judgement is None:
                with pytest.raises(ppinfer.BadImageError):
                    predictor.preprocess(file)
                continue
            pixels, tensor = judgement
            np.testing.assert_array_equal(predictor.resize(file), pixels, err_msg=f"{name}, {file_name}: pixels")
            ours = predictor.preprocess(file)
            assert ours.shape == tensor.shape, f"{name}, {file_name}"
            np.testing.assert_allclose(ours, tensor, rtol=0, atol=1e-6, err_msg=f"{name}, {file_name}: tensor")
            compared += 1
    assert compared >= len(FILES) - 8  # only those of few pixels can be too small for a crop


def test_there_is_enough_of_both() -> None:
    assert len({json.dumps(operations) for operations in PIPELINES.values()}) >= 43
    assert len(FILES) >= 60


def test_the_judges_can_tell_the_backends_apart() -> None:
    """A judge that gave the same for everything would pass everything."""
    file = FILES["noise_533x401.png"]
    answers = {name: judged(file, PIPELINES[f"square_{name}"]) for name in ("cv2_bilinear", "pil_bilinear", "cv2_area")}
    pixels = [answer[0] for answer in answers.values() if answer is not None]
    assert len(pixels) == 3
    assert all((pixels[a] != pixels[b]).any() for a, b in ((0, 1), (0, 2), (1, 2)))
    assert Image.fromarray(pixels[1]).size == (48, 48)
