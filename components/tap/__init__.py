"""TAP: catalogues behind the protocols of the Virtual Observatory."""
