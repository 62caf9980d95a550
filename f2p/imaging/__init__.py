"""Pictures: decoding, encoding, colour, geometry, statistics of labelled regions. Knows no networks."""
