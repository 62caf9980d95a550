"""Trained networks and statistics to a bundle."""
