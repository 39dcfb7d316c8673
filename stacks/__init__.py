"""One file per site, and everything done with a whole stack."""
