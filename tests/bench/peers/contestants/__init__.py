"""The contestants, a process each. Every one takes photos from their files to their five best classes."""
