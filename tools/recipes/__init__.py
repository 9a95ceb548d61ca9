"""What make_default_model, fetch_sample_photos and fetch_legacy_model do."""
