"""ppinfer against others, on the same photos and models, taking turns: `python tests/bench/peers FOLDER`."""
