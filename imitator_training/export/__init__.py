"""Export of trained networks and statistics to a bundle."""
