"""A user's day on a site, checked step by step: sign in, compute, keep files, and not see other people's."""
