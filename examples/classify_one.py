"""Classify one photo and print its labels.

    python examples/classify_one.py models/efficientnet_lite0 models/sample_photos/imagenet_00_243.jpg

The model is the folder of an exported model, a model file such as net.onnx, or a config.txt.
"""

import sys

from ppinfer import Predictor


def main() -> None:
    model, photo = sys.argv[1:]
    with Predictor(model, topk=3) as predictor:
        result = predictor.predict(photo)
    if result.error is not None:
        sys.exit(f"{photo}: {result.error.stage}: {result.error.message}")
    labels = result.label_names or result.class_ids  # a model without a label file has ids only
    for label, score in zip(labels, result.scores, strict=True):
        print(f"{score:.3f}  {label}")


if __name__ == "__main__":
    main()
