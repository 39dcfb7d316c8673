"""What goes wrong with backups and restorations."""


class BackupError(Exception):
    """It did not work, or was refused; the text says why and what to do."""
