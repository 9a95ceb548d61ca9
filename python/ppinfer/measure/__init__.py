"""What is measured of a model and its results: speed, the fastest settings, where two runs differ."""
