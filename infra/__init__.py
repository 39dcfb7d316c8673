"""Where a cluster, its volumes and its network come from."""
