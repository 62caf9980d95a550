"""Recovery of x from renders of known characters."""
