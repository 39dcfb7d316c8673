"""Rules that a change has to keep before it may be brought out, each a pure function that names what breaks it."""
