"""What is measured of a model and its answers: speed, the fastest settings, where two runs differ."""
