"""The face: mesh and sliders, and what is painted on it."""
