"""Likeness of characters and the people in photos."""
