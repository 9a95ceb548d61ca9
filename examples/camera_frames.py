"""Classify the frames of a camera or a video, which OpenCV gives as NumPy arrays in BGR order.

    pip install opencv-python-headless
    python examples/camera_frames.py models/efficientnet_lite0 video.avi

Use 0 in place of the file for the first camera. An array is uint8 [height, width, 3]. Without `order`, ppinfer reads
an array as RGB, as Pillow and imageio give it; OpenCV's arrays need order="bgr". Swapped colours change the labels
without an error.
"""

import sys

import cv2

from ppinfer import Predictor


def main() -> None:
    model, source = sys.argv[1:]
    video = cv2.VideoCapture(int(source) if source.isdigit() else source)
    if not video.isOpened():
        sys.exit(f"{source}: OpenCV cannot open this camera or video")
    shown = None
    # One lane that has all CPUs gives the lowest latency for a single frame.
    with Predictor(model, topk=1, lanes=1, threads_per_lane=0) as predictor:
        frame_number = 0
        while (frame := video.read()[1]) is not None:
            result = predictor.predict(frame, order="bgr")
            if result.error is None and result.class_ids != shown:
                shown = result.class_ids
                label = (result.label_names or shown)[0]  # a model without a label file has ids only
                print(f"frame {frame_number}: {label} {result.scores[0]:.3f}", flush=True)
            frame_number += 1
    video.release()


if __name__ == "__main__":
    main()
