"""What comes out: one Result an image, one RunSummary a run. Both are the core's own types.

>>> result = Result("cat.jpg", class_ids=(281, 282), scores=(0.5, 0.25), label_names=("tabby", "tiger cat"))
>>> result.status, result.label_names[0]
('ok', 'tabby')
>>> result.to_dict()["scores"]
[0.5, 0.25]
>>> Result("dog.jpg", error=ImageError("decode", "empty file")).status
'error'
>>> summary = RunSummary(images=50, errors=1, skipped=3, wall_s=2.0, not_images={".txt": 2}, done_before=150)
>>> summary.images_in_all, summary.images_per_s, summary.skipped_in_words
(200, 25.0, '3 files skipped: 1 hidden or excluded, 2 not images (2 .txt)')
"""

from ppinfer._core import ImageError, Result, RunSummary

__all__ = ["ImageError", "Result", "RunSummary"]
