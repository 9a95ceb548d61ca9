"""A tensor inside the model in place of its scores: against Paddle's own run of the same program."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import ppinfer
from conftest import LabelledPhotos
from ppinfer import Predictor

ENGINES = ("openvino", "paddle")
FEATURES = "flatten_0.tmp_0"  # what Lite0's last layer gets: 1,280 values
LOGITS = "linear_0.tmp_1"
TOLERANCE = 1e-4  # of values up to some 10: another library's order of summation

PADDLES_OWN = """
import sys
import numpy as np
import paddle
prefix, inputs, out, *tensors = sys.argv[1:]
paddle.enable_static()
executor = paddle.static.Executor(paddle.CPUPlace())
program, feeds, _ = paddle.static.load_inference_model(prefix, executor)
np.savez(out, *executor.run(program, feed={feeds[0]: np.load(inputs)}, fetch_list=tensors))
"""


@pytest.fixture(scope="module")
def expected(
    lite0: Path, foolbox_photos: LabelledPhotos, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, np.ndarray]:
    """Each tensor [images, ...] by its name, as Paddle's executor computes it without any of ppinfer's engines."""
    folder = tmp_path_factory.mktemp("tensors")
    with Predictor(model_dir=lite0) as predictor:
        inputs = np.stack([predictor.preprocess(path) for path in foolbox_photos.paths])
    np.save(folder / "inputs.npy", inputs)
    tensors = [FEATURES, first_feature_map(lite0)]
    arguments = [str(lite0 / "inference"), str(folder / "inputs.npy"), str(folder / "out.npz"), *tensors]
    environment = {**os.environ, "FLAGS_enable_pir_api": "0"}  # read at import: loads .pdmodel
    command = [sys.executable, "-c", PADDLES_OWN, *arguments]
    subprocess.run(command, check=True, capture_output=True, timeout=600, env=environment)
    with np.load(folder / "out.npz") as arrays:
        return {tensor: arrays[f"arr_{i}"] for i, tensor in enumerate(tensors)}


def first_feature_map(model: Path) -> str:
    """Give the first tensor that is listed: a convolution's [32, 112, 112]."""
    with pytest.raises(ppinfer.ModelError, match="can be one of") as caught:
        Predictor(model_dir=model, output_tensor="?", engine="openvino")
    return next(name for name in str(caught.value).split(": ")[-1].split(", ") if name.startswith("conv2d_0."))


@pytest.mark.filterwarnings("ignore:the 1000 labels")
@pytest.mark.parametrize("engine", ENGINES)
def test_values_are_paddles(
    engine: str, lite0: Path, foolbox_photos: LabelledPhotos, expected: dict[str, np.ndarray]
) -> None:
    for tensor, values in expected.items():
        with Predictor(model_dir=lite0, engine=engine, output_tensor=tensor, batch_size=8) as predictor:
            got = predictor.logits(foolbox_photos.paths)
        flat = values.reshape(len(values), -1)
        assert got.shape == flat.shape, tensor
        difference = float(np.abs(got - flat).max())
        print(f"{engine}, {tensor} {values.shape}: largest difference {difference:.2g} of {np.abs(flat).max():.3g}")
        assert difference <= TOLERANCE, tensor


@pytest.mark.parametrize("engine", ENGINES)
def test_features_as_embeddings(
    engine: str, lite0: Path, foolbox_photos: LabelledPhotos, expected: dict[str, np.ndarray]
) -> None:
    with Predictor(model_dir=lite0, engine=engine, output_tensor=FEATURES, postprocess="embedding") as predictor:
        assert predictor.notices == []
        vectors = np.array([result.embedding for result in predictor.predict(foolbox_photos.paths)])
    features = expected[FEATURES]
    assert vectors.shape == (20, 1280)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-6)
    assert np.abs(vectors - features / np.linalg.norm(features, axis=1, keepdims=True)).max() <= 1e-5


@pytest.mark.parametrize("engine", ENGINES)
def test_labels_stay_where_they_fit(engine: str, lite0: Path, foolbox_photos: LabelledPhotos) -> None:
    photo = foolbox_photos.paths[0]
    with Predictor(model_dir=lite0, engine=engine) as predictor:
        usual = predictor.predict(photo)
    with Predictor(model_dir=lite0, engine=engine, output_tensor=LOGITS, softmax="on", class_num=1000) as predictor:
        assert predictor.notices == []
        from_logits = predictor.predict(photo)
    assert (from_logits.class_ids, from_logits.label_names) == (usual.class_ids, usual.label_names)
    assert from_logits.scores == pytest.approx(usual.scores, abs=1e-5)
    with pytest.warns(UserWarning, match=r"the 1000 labels aren't used: output_tensor .* has 1280 values an image"):
        predictor = Predictor(model_dir=lite0, engine=engine, output_tensor=FEATURES, class_num=1000)
    with predictor:
        assert [notice for notice in predictor.notices if "class_num 1000 isn't checked" in notice]
        assert predictor.predict(photo).label_names == ()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_wrong_name_leads_to_the_right_one(engine: str, lite0: Path) -> None:
    with pytest.raises(ppinfer.ModelError, match=r"output_tensor flatten_0\.tmp0: .*did you mean flatten_0\.tmp_0\?"):
        Predictor(model_dir=lite0, engine=engine, output_tensor="flatten_0.tmp0")


def test_in_pir_only_engine_openvino_has_names_inside(lite0_pir: Path) -> None:
    with pytest.raises(ppinfer.ModelError, match=r"has names only for its outputs, .*\.pdmodel"):
        Predictor(model_dir=lite0_pir, engine="paddle", output_tensor=FEATURES)
    with pytest.raises(ppinfer.ModelError, match=r"/conv2d\.\d+, .*flatten\.\d+, .*fetch_name_0"):
        Predictor(model_dir=lite0_pir, output_tensor="?")
