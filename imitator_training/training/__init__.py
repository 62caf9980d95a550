"""The training loop and how it is configured for an architecture."""
