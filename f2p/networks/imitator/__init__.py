"""The imitator G: a differentiable stand-in for the engine."""
