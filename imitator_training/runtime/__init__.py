"""What every training needs of the machine: processes, checkpoints, random numbers."""
