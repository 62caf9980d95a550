"""Code of the worker processes: photos are opened here and nowhere else."""
