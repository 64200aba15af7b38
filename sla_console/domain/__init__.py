"""What is true about tickets and promises: values and rules, nothing else."""
