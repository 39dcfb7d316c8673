"""Bringing merged changes out to all sites: in waves, canaries first, no further than the first failure."""
