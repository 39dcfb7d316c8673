# Terminals in JupyterLab are login shells, whose /etc/profile forgets the PATH of the container.
PATH="/opt/lab/bin:$PATH:$HOME/.local/bin"
