"""Protobuf's form of what the service and its clients share. Needs protobuf alone: no numpy, no torch."""
