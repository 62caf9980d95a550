"""What the doors for engines cost, and whether they change anything."""
