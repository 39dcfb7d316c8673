"""What can go wrong on a journey, in words for an operator."""


class JourneyError(Exception):
    """Something did not go as a user may expect."""


class SignInError(JourneyError):
    """A person was not let in."""


class RefusedError(JourneyError):
    """The hub refused a request and said why.

    Parameters
    ----------
    reason
        What the user is told.
    status
        HTTP status, 0 where the refusal came as an event.
    """

    def __init__(self, reason: str, status: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


class KernelError(JourneyError):
    """Code in a kernel raised, or did not finish in time."""
