"""A cluster on AWS: network, EKS, EFS, an address for the edge and its names."""
