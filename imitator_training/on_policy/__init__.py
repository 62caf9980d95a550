"""Renders of where the search goes with the present networks, as more training data."""
