"""Engines: the embedded reference engine, an engine in a process of its own, and checks of any engine."""
