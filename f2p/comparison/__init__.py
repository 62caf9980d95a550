"""Two runs of characters beside each other: what differs, for whom, and whether anybody would see it."""
