"""Speed and quality, measured by command; nothing imports them."""
