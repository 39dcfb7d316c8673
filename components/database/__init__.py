"""PostgreSQL: a server of the site's own, or one that is elsewhere."""
