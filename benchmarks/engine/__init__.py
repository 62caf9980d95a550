"""What the reference engine promises of its pictures: smoothness, bytes, faces, memory."""
