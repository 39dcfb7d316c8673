"""Settings of every server, before those in a person's home."""

import sys

sys.path.append("/etc/jupyter/extensions")
c = get_config()  # noqa: F821 - given by the loader of configuration files
c.ServerApp.jpserver_extensions = {"busy_kernels": True}
