"""On-policy rounds: renders of solutions of the current networks, as more training data."""
