"""The conformance kit: whether an engine keeps the contract of `f2p.engines.protocol`, before it is trained for."""

from engine_bridge.check.run import check_engine, check_target

__all__ = ["check_engine", "check_target"]
