"""What only Python writes: records as Parquet, vectors as .npy, images sorted into folders of their classes."""
