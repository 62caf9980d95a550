"""Face landmarks and blendshapes: networks of MediaPipe's Face Landmarker, rebuilt in torch."""
