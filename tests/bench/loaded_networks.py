"""Paddle and all networks, loaded once: processes that are forked behind this import start in no time."""

import os

os.environ.setdefault("FLAGS_enable_pir_api", "1")

from pir_networks import builders  # Paddle reads the flag when it is imported

NETWORKS = dict(builders())
