"""Homes and project spaces: the volumes that people's work is kept on."""
