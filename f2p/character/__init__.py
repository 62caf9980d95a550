"""Characters: named values, provenance, confidence. Importing this package loads nothing, for the thin client."""
