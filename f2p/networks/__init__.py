"""The networks: imitator, recogniser, face parser, translator."""
