"""What make_default_model, fetch_sample_photos and fetch_legacy_model do."""

import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
MODELS = _ROOT / "models"  # ignored by git

sys.path.insert(0, str(_ROOT / "python"))  # ppinfer's parts that need no core: it may not be installed yet
