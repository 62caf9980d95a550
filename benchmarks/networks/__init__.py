"""Networks by themselves: designs, the parser, the span of the engine."""
