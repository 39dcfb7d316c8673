"""JupyterHub: where a person signs in and starts a notebook server next to the data."""
