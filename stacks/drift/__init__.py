"""What of a site is no longer as its file says: changed by hand, gone, or not brought out yet."""
