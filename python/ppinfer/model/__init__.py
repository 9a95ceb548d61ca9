"""Model folders that are made of another model: what `ppinfer convert` and `ppinfer quantize` do."""
