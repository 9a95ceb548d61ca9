"""Classify a folder on a Ray cluster, then count its labels with pandas.

    pip install 'ppinfer[ray]'
    python examples/ray_cluster.py models/efficientnet_lite0 models/sample_photos records.parquet

Without RAY_ADDRESS, this starts a cluster on this machine. RAY_ADDRESS=auto uses the cluster that runs here, and
RAY_ADDRESS=HOST:PORT another one. Each node has one actor with a model. The model and the images must have the same
paths on every node; images may also be in object storage (s3://bucket/photos).
"""

import sys

import pandas as pd

import ppinfer.ray


def main() -> None:
    model, folder, output = sys.argv[1:]
    summary = ppinfer.ray.classify(folder, output=output, model_dir=model, topk=1)
    print(f"{summary.images} images, {summary.errors} errors, {summary.lanes} lanes")
    records = pd.read_parquet(output)
    print(records["label_names"].explode().value_counts().head(5).to_string())


if __name__ == "__main__":
    main()
