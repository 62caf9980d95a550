"""The HTTP door in the server's process: the same calls as over gRPC, as JSON, and the pages of the studio."""
