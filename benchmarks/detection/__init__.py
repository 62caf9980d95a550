"""Detection of faces: pictures without a face taken for one, and photos of faces refused."""
