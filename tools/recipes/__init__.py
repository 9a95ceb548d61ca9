"""What make_default_model, fetch_sample_photos and fetch_legacy_model do."""

from pathlib import Path

MODELS = Path(__file__).resolve().parents[2] / "models"  # ignored by git
