"""The one error of the local cluster."""


class LocalClusterError(Exception):
    """Something about the local cluster failed; the text says what, and what to do next."""
