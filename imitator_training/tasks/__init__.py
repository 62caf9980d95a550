"""What is trained: imitator, parser, translator."""
