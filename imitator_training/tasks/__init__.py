"""Tasks: imitator, parser, translator."""
