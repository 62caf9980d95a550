"""Renders of known characters solved again: how much of x comes back."""
