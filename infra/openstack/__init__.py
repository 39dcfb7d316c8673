"""A cluster on OpenStack: network, Kubernetes by Magnum, shares by Manila, an address and its names."""
