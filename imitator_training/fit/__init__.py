"""From an engine to a bundle by one command: render, train, evaluate, export, within a budget of time."""
