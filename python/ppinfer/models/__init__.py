"""Tools that bring a trained model into the form that the predictor loads.

Nothing here is needed to classify images, and `import ppinfer` loads none of it.
"""
