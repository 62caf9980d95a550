"""The result: named values, and what is known about them. Importing this package loads nothing, for the thin client."""
