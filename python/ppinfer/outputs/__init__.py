"""The output formats that Python writes: Parquet and npy."""
