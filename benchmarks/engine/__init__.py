"""What the next reference engine promises of its pictures: smoothness, bytes, faces, memory."""
