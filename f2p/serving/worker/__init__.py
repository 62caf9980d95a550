"""What runs in a worker's process: photos are opened here and nowhere else."""
