"""Metrics, traces and probes for operators."""
