"""`ppinfer compare` on the real model: the engines agree, and ppinfer agrees with PaddleClas' own code."""

from pathlib import Path

import pytest

from conftest import LabelledPhotos
from ppinfer import ConfigError
from ppinfer.measure.compare.differences import compare
from ppinfer.measure.compare.paddleclas import PaddleClasSide
from ppinfer.measure.compare.sides import OwnSide


def own(model: Path, **keys: str) -> OwnSide:
    return OwnSide(str(model), {"lanes": "1", **keys})


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"engine": "paddle"},
        {"resize_backend": "pil", "channel_order": "bgr"},
        {"resize_width": "224", "resize_height": "224", "interpolation": "area", "topk": "7"},
    ],
)
def test_ppinfer_is_what_paddleclas_is(lite0: Path, foolbox_photos: LabelledPhotos, keys: dict[str, str]) -> None:
    side = own(lite0, **keys)
    found = compare(side, PaddleClasSide(side.keys), foolbox_photos.paths)
    assert found.differences == []
    assert [stage.compared for stage in found.stages] == [len(foolbox_photos.paths)] * 5
    assert [stage.largest for stage in found.stages[:2]] == [0, 0]


def test_the_engines_agree(lite0: Path, foolbox_photos: LabelledPhotos) -> None:
    found = compare(own(lite0, engine="openvino"), own(lite0, engine="paddle"), foolbox_photos.paths)
    assert found.agrees
    assert 0 < found.stages[3].largest < 1e-4  # two engines, and not the same one twice


def test_what_differs_from_paddleclas_is_found(lite0: Path, foolbox_photos: LabelledPhotos) -> None:
    side = own(lite0)
    found = compare(side, PaddleClasSide({**side.keys, "interpolation": "nearest"}), foolbox_photos.paths)
    assert {difference.stage for difference in found.differences} == {"resized"}
    assert found.stages[1].keys == ["interpolation bicubic | nearest"]


def test_what_paddleclas_cannot_do_is_said(lite0: Path) -> None:
    for key, value in (("crop_ratio", "0.875"), ("output_tensor", "x")):
        with pytest.raises(ConfigError, match=f"its deployment lacks {key}"):
            PaddleClasSide({**own(lite0).keys, key: value})
