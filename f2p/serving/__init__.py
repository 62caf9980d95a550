"""The gRPC server around CharacterCreator. `f2p.serving.server.serve` runs it."""
