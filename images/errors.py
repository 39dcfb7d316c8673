"""What all errors of building and bringing images have in common."""


class ImageError(Exception):
    """Something an operator can act on; the text says what happened and what to do next."""
