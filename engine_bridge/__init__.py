"""How an engine is driven, and the embedded reference engine.  Imports nothing of f2p but its schema, errors
and regions."""
