"""Age and sex of a face: two of dlib's networks, rebuilt in torch."""
