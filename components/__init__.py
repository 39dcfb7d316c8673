"""What is installed on a cluster: one folder per layer."""
