"""Why a stack could not be applied, for operators."""


class ApplyError(Exception):
    """A stack could not be brought about or taken down; the text says what to do."""
