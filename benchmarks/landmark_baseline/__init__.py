"""Landmarks fitted by a linear model: a baseline without an imitator."""
