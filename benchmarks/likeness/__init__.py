"""How much characters look like the people in photos."""
