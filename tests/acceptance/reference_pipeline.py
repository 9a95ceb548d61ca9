"""The plain pipeline that answers are judged by: cv2.imread, numpy and paddle.inference, one image at a time.

python reference_pipeline.py MODEL_FOLDER PATHS_FILE OUT.npy
"""

import sys
from pathlib import Path

import cv2
import numpy as np
import yaml
from paddle import inference

# IPP, in OpenCV's packages on some processors only, rounds 3 % of bicubic's values the other way: the judge is
# OpenCV's own code.
cv2.ipp.setUseIPP(False)

INTERPOLATIONS = {"bilinear": cv2.INTER_LINEAR, "bicubic": cv2.INTER_CUBIC}


def preprocess(path: str, ops: dict) -> np.ndarray:
    image = cv2.cvtColor(cv2.imread(path, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    height, width = image.shape[:2]
    ratio = ops["ResizeImage"]["resize_short"] / min(height, width)
    size = (round(width * ratio), round(height * ratio))
    image = cv2.resize(image, size, interpolation=INTERPOLATIONS[ops["ResizeImage"]["interpolation"]])
    crop = ops["CropImage"]["size"]
    top, left = (image.shape[0] - crop) // 2, (image.shape[1] - crop) // 2
    image = image[top : top + crop, left : left + crop]
    normalize = ops["NormalizeImage"]
    scale = np.float32(eval(str(normalize["scale"]), {}))
    mean, std = np.float32(normalize["mean"]), np.float32(normalize["std"])
    return ((image.astype(np.float32) * scale - mean) / std).transpose(2, 0, 1)[None]


def main(model: Path, paths: list[str], out: str) -> None:
    spec = yaml.safe_load((model / "inference.yml").read_text())
    ops = {name: parameters for op in spec["PreProcess"]["transform_ops"] for name, parameters in op.items()}
    program = next(path for name in ("inference.pdmodel", "inference.json") if (path := model / name).exists())
    config = inference.Config(str(program), str(model / "inference.pdiparams"))
    config.disable_glog_info()
    predictor = inference.create_predictor(config)
    given = predictor.get_input_handle(predictor.get_input_names()[0])
    scores = predictor.get_output_handle(predictor.get_output_names()[0])
    rows = []
    for path in paths:
        given.copy_from_cpu(np.ascontiguousarray(preprocess(path, ops)))
        predictor.run()
        rows.append(scores.copy_to_cpu()[0])
    np.save(out, np.stack(rows))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]).read_text().splitlines(), sys.argv[3])
