"""How each container image is built, from registry packages only."""
