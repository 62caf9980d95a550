"""The embedded reference engine: MakeHuman's CC0 head, drawn by kernels of our own that numba compiles."""
