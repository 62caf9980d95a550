"""The gRPC server around CharacterCreator. `f2p.serving.run.serve` runs it."""
