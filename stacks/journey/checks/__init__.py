"""The checks of a journey: each takes the day under way and returns what it saw."""
