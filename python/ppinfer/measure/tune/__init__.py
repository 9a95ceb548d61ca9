"""The fastest settings for a model, a machine and images: what `ppinfer tune` does."""
