"""The contract with a game engine, and how one is found by name."""
