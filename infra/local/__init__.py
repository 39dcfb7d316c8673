"""A disposable, real Kubernetes on this machine: one node, no Docker, nothing from the internet but packages."""
