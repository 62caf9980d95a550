"""Photos of one person measured: what a search has to meet."""
