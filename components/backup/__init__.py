"""Backups of homes, project spaces and databases, and their restoration."""
