"""Faces in photos: found, aligned to the engine's frame, judged as a source."""
