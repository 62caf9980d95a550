"""f2p: one photo of a face in, the values of a game engine's character sliders out.

The package is lazy: importing it loads nothing else, so that the thin gRPC client never pays for torch.
"""

__version__ = "0.1.0"

__all__ = ["__version__"]
