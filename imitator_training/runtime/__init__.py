"""Processes, checkpoints, random numbers and trained networks: the floor that every training stands on."""
