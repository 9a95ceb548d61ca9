"""Find the photos of a folder that are most similar to one photo.

    python examples/embeddings_search.py models/efficientnet_lite0 flatten_0.tmp_0 \
        models/sample_photos models/sample_photos/imagenet_06_609.jpg

The second argument is a tensor of the model: the features before the last layer. This command lists all tensors:

    ppinfer classify -m models/efficientnet_lite0 -o output_tensor=? models/sample_photos

For a large folder, `ppinfer classify -o postprocess=embedding --output vectors.npy` writes the features to a file once.
"""

import sys

import numpy as np

from ppinfer import Predictor

NEAREST = 5


def main() -> None:
    model, tensor, folder, photo = sys.argv[1:]
    with Predictor(model, output_tensor=tensor, postprocess="embedding") as predictor:
        query = predictor.predict(photo)
        results = predictor.classify_folder(folder)
    if query.error is not None:
        sys.exit(f"{photo}: {query.error.stage}: {query.error.message}")
    found = [result for result in results if result.error is None]
    if not found:
        sys.exit(f"{folder}: no image could be read")
    # Each embedding has length 1, so the product of two is the cosine of their angle.
    cosines = np.array([result.embedding for result in found]) @ np.array(query.embedding)
    for index in np.argsort(-cosines)[:NEAREST]:
        print(f"{cosines[index]:.3f}  {found[index].path}")


if __name__ == "__main__":
    main()
