"""Two ways of running a classifier, compared stage by stage: what `ppinfer compare` does."""
