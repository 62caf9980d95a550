"""Domain randomisation: renders changed until photos are one more variation of them."""
