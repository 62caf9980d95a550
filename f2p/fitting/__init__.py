"""The search for x: losses, presets, parameterisation, solver, confidence."""
