"""Doors: the ways in which an engine that is no Python package of ours keeps the protocol of `f2p.engines.protocol`.

Each module offers ``open_engine(rest)``, the factory of one scheme of engine addresses (entry points
"f2p.engine_schemes" in pyproject.toml): ``python:module:factory``, ``exec:COMMAND``, ``folder:DIR``, ``grpc://host:port``.
"""
