"""An engine's sliders: named parameters, their vector form and their YAML form.

Normalised values lie in [0, 1]; engine units appear only in `Schema.to_engine` and `Schema.from_engine`.
"""

from f2p.schema.parameters import ROLES, Continuous, Discrete, Parameter
from f2p.schema.schema import Schema
from f2p.schema.yaml_io import compose, dump_schema, load_schema, parse_schema, read_schema

__all__ = [
    "ROLES",
    "Continuous",
    "Discrete",
    "Parameter",
    "Schema",
    "compose",
    "dump_schema",
    "load_schema",
    "parse_schema",
    "read_schema",
]
