"""Training data: sampling, rendering, storing, reading."""
