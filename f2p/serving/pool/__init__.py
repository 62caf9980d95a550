"""The queue and the worker processes, seen from the server. Loads neither torch nor Pillow."""
