"""Each operation that engine openvino's PIR reader translates gives what Paddle's plain executor gives."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ppinfer import ModelError, Predictor

SCRIPT = Path(__file__).with_name("pir_operations.py")
GROUPS = ("convolutions", "pooling", "activations", "arithmetic", "shapes", "rest")
TOLERANCE = 1e-4
IMAGES_AS_THEY_ARE = {
    **{"resize_width": 13, "resize_height": 11, "scale": 1, "mean": "0,0,0", "std": "1,1,1"},
    **{"softmax": "off", "engine": "openvino", "precision": "fp32"},
}


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("operations")
    done = subprocess.run([sys.executable, SCRIPT, folder], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return folder


@pytest.mark.parametrize("group", GROUPS)
def test_operations_give_paddles_values(group: str, exported: Path) -> None:
    answers, images = np.load(exported / "answers.npz"), list(np.load(exported / "images.npy"))
    wrong = []
    for count in (1, 3):
        keys = {**IMAGES_AS_THEY_ARE, "batch_size": count, "output_tensor": "fetch_name_0"}
        with Predictor(cls_model_path=exported / group / "inference.json", **keys) as predictor:
            got = predictor.logits(images[:count])
        right = answers[f"{group}.{count}"]
        assert got.shape == right.shape
        begin = 0
        for name, end in zip(answers[f"{group}.names"], answers[f"{group}.ends"], strict=True):
            difference = np.abs(got[:, begin:end] - right[:, begin:end]).max()
            if not difference <= TOLERANCE * max(1, np.abs(right[:, begin:end]).max()):
                wrong.append((str(name), count, float(difference)))
            begin = end
    assert wrong == []


def test_engine_auto_takes_paddle_where_an_operation_is_lacking(exported: Path) -> None:
    model = exported / "lacking/inference.json"
    keys = {key: value for key, value in IMAGES_AS_THEY_ARE.items() if key != "engine"}
    images = list(np.load(exported / "images.npy"))
    with pytest.raises(ModelError, match=r"can't read 1 operation of this PIR model: cumprod; set `engine paddle`"):
        Predictor(cls_model_path=model, engine="openvino", **keys)
    with pytest.warns(UserWarning, match=r"engine auto: paddle, as .*: cumprod") as said:
        predictor = Predictor(cls_model_path=model, **keys)
    assert len([one for one in said if "cumprod" in str(one.message)]) == 1
    with predictor:
        assert "Paddle" in repr(predictor)
        assert len(predictor.logits(images)) == 3
    with Predictor(cls_model_path=exported / "rest/inference.json", output_tensor="fetch_name_0", **keys) as predictor:
        assert "OpenVINO" in repr(predictor)


def test_every_group_is_tried(exported: Path) -> None:
    assert {path.name for path in exported.iterdir() if path.is_dir()} == {*GROUPS, "lacking"}
