"""Training loop: options, optimiser, schedule, averaged weights, losses."""
