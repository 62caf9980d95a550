"""Generated from proto/f2p/v1 by scripts/generate_stubs.py; never edited by hand."""
