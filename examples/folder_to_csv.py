"""Classify every image in a folder and its subfolders, and write the records to a CSV file.

    python examples/folder_to_csv.py models/efficientnet_lite0 models/sample_photos records.csv

Memory is bounded for any number of images. After Ctrl-C or a crash, the same command resumes the run. A bad image gets
a record with its error, and the run continues.
"""

import sys

from ppinfer import Predictor


def show_progress(images: int, errors: int) -> None:
    print(f"\r{images} images, {errors} errors", end="", file=sys.stderr, flush=True)


def main() -> int:
    model, folder, output = sys.argv[1:]
    with Predictor(model, topk=1) as predictor:
        summary = predictor.write_records(folder, output, resume=True, on_progress=show_progress)
    print(f"\n{output}: {summary.images_in_all} images, {summary.errors_in_all} errors", file=sys.stderr)
    return summary.exit_code  # 1 if some images failed


if __name__ == "__main__":
    sys.exit(main())
