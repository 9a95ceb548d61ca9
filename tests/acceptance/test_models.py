"""Models and configs as they are found in the wild run unchanged."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from conftest import LabelledPhotos
from ppinfer import Predictor

# As PaddleClas' C++ demo had it, line for line in form.
LEGACY_CONFIG = """\
# model load config
use_gpu 0
gpu_id 0
gpu_mem 4000
cpu_math_library_num_threads 10
use_mkldnn 1
use_tensorrt 0
use_fp16 0

# cls config
cls_model_path {model}
cls_params_path {params}
resize_short_size 256
crop_size 224
"""


def legacy_config(folder: Path, model: Path, params: Path) -> Path:
    path = folder / "config.txt"
    path.write_text(LEGACY_CONFIG.format(model=model, params=params))
    return path


def records_of(command: list[str], exit_code: int = 0) -> list[dict]:
    done = subprocess.run(command, capture_output=True, timeout=300)
    assert done.returncode == exit_code, done.stderr.decode()
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("variant", ["classic", "pir"])
def test_a_paddleclas_era_config_runs_unchanged(
    variant: str, lite0: Path, lite0_pir: Path, clas_system: str, foolbox_photos: LabelledPhotos, tmp_path: Path
) -> None:
    source, name = (lite0, "inference.pdmodel") if variant == "classic" else (lite0_pir, "inference.json")
    for file in (name, "inference.pdiparams"):  # alone, as an export of that time was
        shutil.copy(source / file, tmp_path)
    config = legacy_config(tmp_path, tmp_path / name, tmp_path / "inference.pdiparams")
    text = subprocess.run([clas_system, str(config), str(foolbox_photos.folder)], capture_output=True, timeout=300)
    assert text.returncode == 0, text.stderr.decode()
    assert len(text.stdout.splitlines()) == len(foolbox_photos.paths)
    # The old keys can't say this model's normalisation, so that's given here; the answers must then be right.
    right = ["-o", "mean=0.49803922,0.49803922,0.49803922", "-o", "std=0.50196078,0.50196078,0.50196078"]
    command = [clas_system, "-c", str(config), *right, "-o", "interpolation=bicubic", "--format", "jsonl"]
    tuned = records_of([*command, *foolbox_photos.paths])
    ids = np.array([record["class_ids"][0] for record in tuned])
    assert (ids == np.array(foolbox_photos.class_ids)).sum() >= 18
    assert [record["path"] for record in tuned] == foolbox_photos.paths


def test_pir_and_classic_agree(lite0: Path, lite0_pir: Path, foolbox_photos: LabelledPhotos) -> None:
    with Predictor(model_dir=lite0, engine="paddle") as classic, Predictor(model_dir=lite0_pir) as pir:
        assert "OpenVINO" in repr(pir)
        for one, other in zip(classic.predict(foolbox_photos.paths), pir.predict(foolbox_photos.paths), strict=True):
            assert one.class_ids[0] == other.class_ids[0]
            np.testing.assert_allclose(one.scores[0], other.scores[0], atol=1e-4)


@pytest.mark.parametrize("engine", ["openvino", "paddle"])
def test_the_classic_text_direction_model_loads_and_runs(
    engine: str, text_direction: Path, clas_system: str, foolbox_photos: LabelledPhotos
) -> None:
    config = ["-c", str(text_direction / "config.txt"), "-o", f"engine={engine}", "--format", "jsonl"]
    for record in records_of([clas_system, *config, *foolbox_photos.paths]):
        assert record["status"] == "ok"
        assert sorted(record["class_ids"]) == [0, 1]
        assert abs(sum(record["scores"]) - 1) < 1e-4


def test_openvino_never_maps_paddle(lite0: Path, foolbox_photos: LabelledPhotos) -> None:
    program = (
        "import sys; from ppinfer import Predictor\n"
        "p = Predictor(model_dir=sys.argv[1], engine=sys.argv[2]); r = p.predict(sys.argv[3])\n"
        "assert r.status == 'ok'; print(open('/proc/self/maps').read())"
    )

    def maps(engine: str) -> str:
        command = [sys.executable, "-c", program, str(lite0), engine, foolbox_photos.paths[0]]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=300).stdout

    assert "libopenvino" in maps("openvino")
    assert "libpaddle" not in maps("openvino")
    assert "libpaddle" in maps("paddle")


@pytest.mark.parametrize("engine", ["openvino", "paddle"])
def test_a_forked_child_makes_its_own_and_ends(lite0: Path, foolbox_photos: LabelledPhotos, engine: str) -> None:
    script = """if True:
        import os, ppinfer, sys
        from ppinfer import Predictor
        predictor = Predictor(model_dir=sys.argv[1], engine=sys.argv[2], lanes=1)
        first = predictor.predict(sys.argv[3]).class_ids
        child = os.fork()
        if child == 0:
            try:
                predictor.predict(sys.argv[3])
                os._exit(4)
            except ppinfer.RuntimeFailure:
                predictor.close()
            own = Predictor(model_dir=sys.argv[1], engine=sys.argv[2], lanes=1)
            same = own.predict(sys.argv[3]).class_ids == first
            os._exit(0 if same else 3)
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    """
    command = [sys.executable, "-c", script, str(lite0), engine, foolbox_photos.paths[0]]
    assert subprocess.run(command, timeout=300, check=False).returncode == 0
