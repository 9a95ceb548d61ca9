"""How fast images are classified on this machine, and the roofline of the stages: what `ppinfer benchmark` measures."""
