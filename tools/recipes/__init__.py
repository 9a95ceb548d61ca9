"""What make_default_model, fetch_sample_photos and fetch_legacy_model do."""

import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
MODELS = _ROOT / "models"  # ignored by git

# Parts of ppinfer that need no core, where it isn't installed yet. Last: an installed one has its core, too.
sys.path.append(str(_ROOT / "python"))
