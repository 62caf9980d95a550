"""A call in the server's process: who may call, the deadline, the errors."""
