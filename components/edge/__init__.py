"""The one door from outside: names, certificates, and the way to each service."""
