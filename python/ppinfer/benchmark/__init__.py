"""How fast images are classified on this machine, and how fast they could be: what `ppinfer benchmark` measures."""
